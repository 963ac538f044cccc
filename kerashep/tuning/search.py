"""The search: trials in a fixed order; what is done is kept and never repeated."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kerashep.training.recipe import Recipe
from kerashep.tuning.fold_file import FoldResult, read_fold, write_fold
from kerashep.tuning.outcome import Outcome, pruning_thresholds
from kerashep.tuning.progress_line import progress_line
from kerashep.tuning.proposer import Proposal, Proposer
from kerashep.tuning.search_store import SearchStore
from kerashep.tuning.trial_run import TrialTask, run_trial
from kerashep.tuning.trials import TrialMaker

_MOST_MISSES = 200
_FAILURES = 5
# Each leaves some 20 MB behind in TensorFlow; a process takes seconds to start.
_TRIALS_OF_A_PROCESS = 50
Say = Callable[[str], None]


@dataclass(frozen=True)
class Trial:
    """A trial of the search.

    Attributes:
        proposal: Its hyperparameters.
        task: How it is run.
    """

    proposal: Proposal
    task: TrialTask


class Search:
    """Trials of a study.

    Which trials are proposed does not depend on the number of processes, on who is
    faster, or on interruptions: the next one is proposed when all but the last
    `pending - 1` before it are done, from the results of just those. A search that
    continues therefore proposes the same trials again, and finds their folds done.

    Args:
        maker: From hyperparameters to tasks.
        proposer: Source of proposals.
        store: Folder of the search.
        say: Receives progress.

    Attributes:
        trials: In the order of their numbers.
        duplicates: Proposals whose recipe was that of an earlier trial.
        rejected: Proposals outside the space's limits.
    """

    def __init__(
        self, maker: TrialMaker, proposer: Proposer, store: SearchStore, say: Say
    ) -> None:
        self.maker, self.proposer, self.store, self.say = maker, proposer, store, say
        self.study = store.study
        self.trials: list[Trial] = []
        self.duplicates = self.rejected = 0
        self._outcomes: dict[int, Outcome] = {}
        self._untold: deque[tuple[str, int]] = deque()
        self._told: list[int] = []
        self._misses = self._trained = 0
        self._waiting = self._out_of_time = False

    def run(self, workers: int | None, record: Callable[[], object]) -> None:
        """Trains what is missing.

        Args:
            workers: Number of processes.
            record: Called after each trial.

        Raises:
            ValueError: If all of the first trials fail.
        """
        from kerashep.training.pool import run_stream

        def ask() -> TrialTask | None:
            task = self.next_task()
            if task is not None:
                self.store.save()
            return task

        for task, result in run_stream(
            run_trial, ask, workers=workers, most_items=_TRIALS_OF_A_PROCESS
        ):
            if not result.ok:
                _keep_failure(task, str(result.error))
            self._finish(task)
            self.store.save()
            record()
        self.store.save()

    def next_task(self) -> TrialTask | None:
        """The next trial to be trained; None if there is none yet, or no more."""
        while not self._over() and self._may_ask():
            proposal = self.proposer.ask()
            if proposal is None:
                self._waiting = True
                continue
            self.store.propose(proposal.values)
            trial = self._new_trial(proposal)
            if trial is None:
                continue
            outcome = trial.task.outcome()
            if outcome.status != "open":
                self._outcomes[trial.task.number] = outcome
                continue
            limit = self.study.budget.seconds
            if limit is not None and self.store.seconds >= limit:
                self._out_of_time = True
                break
            return trial.task
        return None

    def done(self) -> Iterator[tuple[Trial, Outcome]]:
        """Trials that are finished, pruned or failed, in the order of their numbers."""
        for trial in self.trials:
            if trial.task.number in self._outcomes:
                yield trial, self._outcomes[trial.task.number]

    def _over(self) -> bool:
        most = self.study.budget.trials
        full = most is not None and len(self.trials) >= most
        if self._misses >= _MOST_MISSES:
            self.say(f"The space is exhausted after {len(self.trials)} trials.")
            self.proposer.exhausted = True
            self._misses = 0
        return full or self.proposer.exhausted or self._out_of_time

    def _may_ask(self) -> bool:
        """Tells results in order until few enough are pending."""
        while self._untold and (
            self._waiting or len(self._untold) >= self.study.pending
        ):
            if not self._tell_oldest():
                return False
            self._waiting = False
        return not self._waiting

    def _tell_oldest(self) -> bool:
        key, number = self._untold[0]
        outcome = self._outcomes.get(number)
        if outcome is None:
            return False
        self._untold.popleft()
        self._told.append(number)
        self.proposer.tell(key, _told_score(outcome))
        return True

    def _new_trial(self, proposal: Proposal) -> Trial | None:
        """The trial of a proposal, unless it is outside the space or there already."""
        made = self._made(proposal)
        if made is None:
            self.rejected += 1
            self._misses += 1
            self.proposer.tell(proposal.key, None)
            return None
        recipe, paths = made
        same = next((t for t in self.trials if t.task.paths == paths), None)
        if same is not None:
            self.duplicates += 1
            self._misses += 1
            self._untold.append((proposal.key, same.task.number))
            return None
        self._misses = 0
        known = [self._outcomes[number] for number in dict.fromkeys(self._told)]
        thresholds = pruning_thresholds(known, self.study.pruning, self.study.folds)
        number = len(self.trials) + 1
        trial = Trial(proposal, self.maker.task(number, recipe, paths, thresholds))
        self.trials.append(trial)
        self._untold.append((proposal.key, number))
        return trial

    def _made(self, proposal: Proposal) -> tuple[Recipe, tuple[Path, ...]] | None:
        try:
            return self.maker.make(proposal)
        except ValueError as error:
            self.say(f"Left out, no valid recipe: {error}")
            return None

    def _finish(self, task: TrialTask) -> None:
        outcome = task.outcome()
        self._outcomes[task.number] = outcome
        self._trained += 1
        if outcome.status == "failed":
            self.say(f"trial {task.number} failed: {outcome.error}")
        failed = [one for one in self._outcomes.values() if one.status == "failed"]
        if len(failed) == len(self._outcomes) >= _FAILURES:
            raise ValueError(
                f"All of the first {len(failed)} trials failed; the last with: "
                f"{outcome.error}. Once it is mended, continue with --restart."
            )
        self.say(
            progress_line(
                self._outcomes,
                self.study.budget,
                seconds=self.store.seconds,
                trained=self._trained,
                seconds_here=self.store.seconds_here,
            )
        )


def _told_score(outcome: Outcome) -> float | None:
    """That of a pruned trial over fewer folds: it is known to be no good."""
    return None if outcome.status == "failed" else outcome.score


def _keep_failure(task: TrialTask, error: str) -> None:
    """In the place of the first fold that is missing."""
    missing = [path for path in task.paths if read_fold(path) is None]
    write_fold(missing[0], FoldResult(error=error))
