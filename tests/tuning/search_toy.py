"""A search whose trainings take no time: a number is scored by a formula."""

from dataclasses import dataclass, field

from kerashep.training.pool import PoolResult
from kerashep.training.recipe import load_recipe
from kerashep.tuning.fold_file import FoldResult, read_fold, write_fold
from kerashep.tuning.proposer import Proposal
from kerashep.tuning.search import Search
from kerashep.tuning.search_store import SearchStore
from kerashep.tuning.study_file import TuningStudy
from kerashep.tuning.trial_run import TrialTask

RECIPE = load_recipe("affine_pnn_resonance")


class KilledError(Exception):
    """The process is gone."""


def toy_study(**changes):
    content = {
        "title": "Toy",
        "recipe": "affine_pnn_resonance",
        "space": {"values": {"training.batch_size": {"low": 1, "high": 999}}},
        "budget": {"trials": 12},
        "pending": 3,
    }
    return TuningStudy.model_validate({**content, **changes})


@dataclass
class ToyProposer:
    """Proposes `values` in turn, noting between which results it was asked."""

    values: list
    waits_before: tuple = ()
    exhausted: bool = False
    log: list = field(default_factory=list)
    asked: int = 0

    def ask(self):
        if self.asked in self.waits_before:
            self.waits_before = tuple(n for n in self.waits_before if n != self.asked)
            self.log.append("wait")
            return None
        if self.asked == len(self.values):
            self.exhausted = True
            return None
        value = self.values[self.asked]
        self.log.append(f"ask {self.asked}")
        self.asked += 1
        chosen = {"training.batch_size": value}
        return Proposal(str(self.asked - 1), chosen, {"batch_size": value}, None)

    def tell(self, key, score):
        shown = "nothing" if score is None else f"{score:.3f}"
        self.log.append(f"tell {key} {shown}")


@dataclass
class ToyMaker:
    store: SearchStore

    def make(self, proposal):
        value = proposal.values["batch_size"]
        if value < 0:
            return None
        training = RECIPE.training.model_copy(update={"batch_size": value})
        recipe = RECIPE.model_copy(update={"training": training})
        return recipe, self.store.fold_paths(recipe, self.store.study.seed)

    def task(self, number, recipe, paths, thresholds):
        study = self.store.study
        return TrialTask(
            *(number, recipe, None, "", study.objective, study.seed, paths, thresholds)
        )


def toy_score(value, fold):
    """Best at 50; the folds differ more than the trials."""
    return 0.9 - abs(value - 50) / 1000 - 0.1 * fold


@dataclass
class ToyStream:
    """In the place of `run_stream`: processes that finish in any order.

    Attributes:
        pick: Which of the running trials is the next to finish.
        kill_after: Folds after which the process is gone.
        fails: Batch sizes that raise.
        trained: Each fold that was trained.
    """

    pick: object = lambda _: 0
    kill_after: int | None = None
    fails: tuple = ()
    trained: list = field(default_factory=list)
    running: list = field(default_factory=list)

    def __call__(self, task, ask, *, workers, most_items):  # noqa: ARG002
        self.running = []
        while True:
            while len(self.running) < workers:
                item = ask()
                if item is None:
                    break
                self.running.append(item)
            if not self.running:
                return
            item = self.running.pop(self.pick(self.running))
            value = item.recipe.training.batch_size
            if value in self.fails:
                yield item, PoolResult(None, "ValueError: too large")
                continue
            self.train(item, value)
            yield item, PoolResult(None)

    def train(self, item, value):
        for fold, path in enumerate(item.paths):
            if item.outcome().status != "open":
                return
            if read_fold(path) is not None:
                continue
            if self.kill_after is not None and len(self.trained) >= self.kill_after:
                raise KilledError
            self.trained.append((value, fold))
            scores = {"roc_auc": toy_score(value, fold)}
            write_fold(path, FoldResult(scores, 10 * value, 1, 0.5))


def toy_search(folder, study, values, *, clock=None, decisive=None, **proposer):
    options = {} if clock is None else {"clock": clock}
    store = SearchStore(folder, study, RECIPE, decisive or {}, **options)
    said = []
    source = ToyProposer(list(values), **proposer)
    return Search(ToyMaker(store), source, store, said.append), said
