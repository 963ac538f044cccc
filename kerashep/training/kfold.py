"""One model a fold: out-of-fold scores, and an ensemble of all."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.data.splits import fold_indices
from kerashep.training.compiled import CompiledTrainer
from kerashep.training.fold_cache import folds_of
from kerashep.training.fold_ensemble import FoldEnsemble, FoldModel
from kerashep.training.fold_trainer import Folds, FoldSetup, FoldTrainer
from kerashep.training.held_out import HeldOut, HeldOutLoss, Validation
from kerashep.training.pool import run_pool
from kerashep.training.schedules import Schedule
from kerashep.training.snapshots import Member, Snapshots


def _none(validation: Validation) -> Sequence[keras.callbacks.Callback]:  # noqa: ARG001
    return ()


@dataclass(frozen=True)
class FoldPlan:
    """How long and how the model of each fold is trained.

    Args:
        epochs: Number of sub-epochs.
        sub_epochs: Sub-epochs a pass over the training events; with ten folds nine make
            a sub-epoch one use of a fold, as in the HiggsML study.
        schedule: Function of the steps a sub-epoch that returns the rates; without it
            the optimizer keeps its own.
        callbacks: Function of the left-out events `(x, y, weight)` that returns new
            callbacks, for example `StochasticWeightAveraging(validation=...)`. If one
            is a `Snapshots`, its members are those of the fold.
        validate: Whether the loss on the left-out events is found after each sub-epoch,
            as `val_loss` for the history and for early stopping, rather than once.
        finish: Function of the trainer and the left-out events, called after the
            training, that returns the members of the fold: for further cycles, see
            `kerashep.training.fast_geometric_ensemble`.
    """

    epochs: int
    sub_epochs: int = 1
    schedule: Callable[[int], Schedule] | None = None
    callbacks: Callable[[Validation], Sequence[keras.callbacks.Callback]] = _none
    validate: bool = False
    finish: Callable[[CompiledTrainer, Validation], tuple[Member, ...]] | None = None


def train_folds(
    setup: FoldSetup,
    plan: FoldPlan,
    events: Events,
    *,
    folds: int | Folds = 10,
    members: int | None = None,
    seed: int = 0,
    workers: int = 1,
    kept: Sequence[FoldModel] = (),
    done: Callable[[FoldModel], None] | None = None,
) -> FoldEnsemble:
    """Trains one model a fold on all events but those of the fold.

    In a process all models go through one compiled program, one after the other, and
    only one training part is in memory. With several processes each takes the next fold
    when it has finished one. Results do not depend on the number of processes but for
    rounding.

    Args:
        setup: Model, batches and scaler.
        plan: Length, rates and callbacks of a training.
        events: All events, raw, with their training weights.
        folds: Number of folds, drawn by `seed` in equal proportions of classes and
            processes; or the rows of each fold, disjoint and together all rows.
        members: Trains only the first so many; one a fold by default.
        seed: Everything random follows from it.
        workers: Number of processes; 1 stays in this one.
        kept: Models of an interrupted call with the same arguments, which are not
            trained again, see `kerashep.training.fold_store`.
        done: Called with each model as soon as it is there, with several processes not
            always in the order of the folds.

    Returns:
        The models of all folds with their losses and out-of-fold scores.

    Raises:
        ValueError: If the folds do not divide the events, or a training failed.

    Example:
        The final solution of [Strong, 2020](https://arxiv.org/abs/2002.01427): ten
        models, each on nine of ten folds, 45 + 90 sub-epochs of one fold in 1cycle,
        weighted by the inverse loss on the fold that it has not seen, and scored on
        eight copies of each event::

            def build():
                model = DenseClassifier(31, cardinalities=[4], embedding_widths=[3])
                model.compile(ScheduledAdam(), "binary_crossentropy")
                return model

            def batches(train, scaler, seed):
                mirrors = Reflection("y", vectors), Reflection("z", vectors)
                return BatchPipeline(
                    train, batch_size=256, scaler=scaler, seed=seed,
                    transforms=(PhiRotation(vectors), *mirrors),
                )

            def scaler(train):  # the last column holds category numbers: not scaled
                fitted = FeatureScaler.fit(train)
                mean, scale = fitted.mean.copy(), fitted.scale.copy()
                mean[-1], scale[-1] = 0, 1
                return replace(fitted, mean=mean, scale=scale)

            plan = FoldPlan(
                epochs=135, sub_epochs=9,
                schedule=lambda steps: OneCycle(45 * steps, 90 * steps),
            )
            setup = FoldSetup(build, batches, scaler)
            trained = train_folds(setup, plan, events, workers=2)
            model = trained.ensemble(build(), augmentation=SymmetryCopies(columns))
            trained.out_of_fold  # one score an event, by a model that has not seen it

        Weight averaging instead, with rates in cycles of five sub-epochs::

            FoldPlan(
                epochs=250, sub_epochs=9,
                schedule=lambda steps: averaging_schedule(
                    "cosine", cycle_steps=5 * steps
                ),
                callbacks=lambda validation: [
                    StochasticWeightAveraging(
                        validation=validation, first_epoch=10, every=5, renewal=2
                    )
                ],
            )
    """
    rows = fold_indices(events, folds, seed=seed) if isinstance(folds, int) else folds
    _check_folds(rows, len(events))
    count = len(rows) if members is None else members
    if not 1 <= count <= len(rows):
        raise ValueError(
            f"`members` must be 1 to {len(rows)}, the number of folds. Received: "
            f"members={members}."
        )
    work = _Work(setup, plan, events, rows, seed, token=uuid.uuid4().hex)
    tell = done or _nothing
    left = sorted(set(range(count)) - {model.fold for model in kept})
    if workers == 1:
        finished = _in_this_process(work, left, tell)
    else:
        finished = _in_processes(work, left, workers, tell)
    models = sorted([*kept, *(model for model, _ in finished)], key=_number)
    traces = max((traces for _, traces in finished), default=0)
    return FoldEnsemble(tuple(models), events=len(events), traces=traces)


@dataclass(frozen=True, eq=False)
class _Work:
    """What the trainings of all folds have in common; `token` is that of the call."""

    setup: FoldSetup
    plan: FoldPlan
    events: Events
    folds: Folds
    seed: int
    token: str

    def trainer(self) -> FoldTrainer:
        return FoldTrainer(
            self.setup,
            self.events,
            self.folds,
            sub_epochs=self.plan.sub_epochs,
            schedule=self.plan.schedule,
            seed=self.seed,
        )


@dataclass(frozen=True, eq=False)
class _Item:
    """One fold."""

    work: _Work
    fold: int

    def __str__(self) -> str:
        return f"fold {self.fold}"


_Tell = Callable[[FoldModel], None]
_Done = tuple[FoldModel, int]  # and how often steps were traced


def _in_this_process(work: _Work, left: Sequence[int], tell: _Tell) -> list[_Done]:
    folds, finished = work.trainer(), []
    for fold in left:
        finished.append(_train_fold(folds, work.plan, fold))
        tell(finished[-1][0])
    return finished


def _in_processes(
    work: _Work, left: Sequence[int], workers: int, tell: _Tell
) -> list[_Done]:
    items = [_Item(work, fold) for fold in left]
    results = run_pool(
        _train_item,
        items,
        workers=workers,
        succeeded=lambda finished: tell(finished[0]),
    )
    for item, result in zip(items, results, strict=True):
        if not result.ok:
            raise ValueError(f"Training of {item} failed: {result.error}")
    return [result.value for result in results]


def _nothing(model: FoldModel) -> None:
    """Nobody is to be told."""


def _train_item(item: _Item) -> _Done:
    """One fold, in a process of the pool, by the program of the fold before."""
    work = item.work
    with folds_of(work.token, work.events, work.trainer) as folds:
        return _train_fold(folds, work.plan, item.fold)


def _train_fold(folds: FoldTrainer, plan: FoldPlan, fold: int) -> _Done:
    trainer, prepared = folds.prepare(fold)
    callbacks = list(plan.callbacks(prepared.validation))
    first = [HeldOutLoss(prepared.validation)] if plan.validate else []
    history = trainer.fit(epochs=plan.epochs, callbacks=[*first, *callbacks]).history
    snapshots = [one for one in callbacks if isinstance(one, Snapshots)]
    if plan.finish is not None:
        members = plan.finish(trainer, prepared.validation)
    elif snapshots:
        members = snapshots[0].members()
    else:
        members = (Member(trainer.model.get_weights(), 1.0),)
    held_out = HeldOut(*prepared.validation)
    score = member_scores(trainer.model, members, held_out)
    model = FoldModel(
        fold=fold,
        rows=folds.folds[fold],
        members=members,
        scaler=prepared.scaler,
        validation_loss=held_out.loss_of(trainer.model, score[:, None]),
        score=score,
        history={name: list(map(float, column)) for name, column in history.items()},
    )
    return model, trainer.traces


def member_scores(
    model: keras.Model, members: Sequence[Member], held_out: HeldOut
) -> NDArray[np.float32]:
    """Weighted mean score of several states of a model, which has the first one after.

    Args:
        model: Into which their weights are put.
        members: The states.
        held_out: The events.

    Returns:
        `(n,)`.
    """
    total = np.zeros(len(held_out.y), "float64")
    for member in reversed(members):
        model.set_weights(member.weights)
        total += member.share * held_out.scores(model)[:, 0]
    return total.astype("float32")


def _check_folds(folds: Folds, count: int) -> None:
    counted = np.bincount(np.concatenate(list(folds)), minlength=count)
    if len(folds) < 2 or len(counted) != count or (counted != 1).any():
        raise ValueError(
            "`folds` must be at least two and hold each event exactly once. Received: "
            f"{len(folds)} folds with {int(counted.sum())} rows, {count} events."
        )


def _number(model: FoldModel) -> int:
    return model.fold
