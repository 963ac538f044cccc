"""Stochastic weight averaging that finds out by itself where to begin."""

# ruff: noqa: ARG002  (Keras decides the arguments of callbacks)

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.training.batch_norm import batch_norm_layers, recompute_batch_norm
from kerashep.training.held_out import HeldOut, Validation
from kerashep.training.weight_average import WeightAverage

_KEEPS = ("better", "average", "last")
_FIRST_EPOCH, _RENEWAL = 5, 5


class Comparison(NamedTuple):
    """Losses of the two averages when they were compared, after `epoch` (from 1)."""

    epoch: int
    old: float
    young: float


class StochasticWeightAveraging(keras.callbacks.Callback):
    """Averages the weights that a training passes through.

    The mean over the ends of epochs is near the centre of the region of low loss along
    whose edge training moves; it needs no more time in use than one model. Works with
    `keras.Model.fit` and `CompiledTrainer.fit` alike; use `SubEpochs` to average more
    often than once a pass, and `every` to average at the ends of cycles only.

    With `start="auto"` two averages run. The old one begins at `first_epoch`; `renewal`
    averaged states later a young one begins. After as many more they are compared on
    the validation events. If the old one is better, the young one starts again from the
    present weights and the wait until the next comparison doubles; if the young one is
    better, it takes the place of the old one, another young one starts, and the wait is
    `renewal` again. (The paper's text has the old one start again from the present
    weights in that case; its software does as here.)

    The statistics of batch normalisation are recomputed for every average that is
    compared or used; other weights that are not trained stay as they are. Put this
    callback after an early stopping that restores the best weights: what it leaves is
    then compared with the average.

    Reference: [Izmailov et al., 2018](https://arxiv.org/abs/1803.05407); automatic
    start: [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.8.1.

    Args:
        start: `"auto"`, or the epoch (from 1) after which weights are averaged, all
            from there on.
        validation: `(x, y, weight)` of events that are not trained on. Needed unless
            `start` is a number, `keep` is not `"better"`, and nothing is monitored.
        first_epoch: Earliest start of `"auto"`; 5 by default.
        every: Epochs between two averaged states.
        renewal: For `"auto"`, averaged states until the first comparison; 5 by default.
        keep: What the model has in the end: `"better"` of average and last weights by
            the validation loss, the `"average"`, or the `"last"` weights.
        batch_norm_inputs: For a model with batch normalisation: inputs of training
            events as the model takes them, see `recompute_batch_norm`.
        monitor: Whether to add the loss of the old average to the logs of each epoch as
            `val_swa_loss`, for early stopping; before the start that of the model.

    Attributes:
        average: The (old) average; after training the better of the two.
        comparisons: What was found at each comparison.
        used: Whether the model has the average, once trained.

    Raises:
        ValueError: If options contradict each other, validation events are missing, or
            the model has batch normalisation and there are no `batch_norm_inputs`.
    """

    average: WeightAverage
    young: WeightAverage
    comparisons: list[Comparison]
    used: bool
    _monitored: float | None
    _restored: bool

    def __init__(
        self,
        start: int | Literal["auto"] = "auto",
        *,
        validation: Validation | None = None,
        first_epoch: int | None = None,
        every: int = 1,
        renewal: int | None = None,
        keep: str = "better",
        batch_norm_inputs: Any = None,
        monitor: bool = False,
    ) -> None:
        super().__init__()
        self.automatic = start == "auto"
        if keep not in _KEEPS:
            raise ValueError(f"Unknown keep='{keep}'." + did_you_mean(keep, _KEEPS))
        _check_start(start, first_epoch, renewal)
        if validation is None and (self.automatic or keep == "better" or monitor):
            raise ValueError(
                "Comparing averages needs `validation` events. Without them give "
                "`start` as an epoch, keep='average' or 'last', and monitor=False."
            )
        first = (first_epoch or _FIRST_EPOCH) if start == "auto" else start
        self.first, self.renewal = int(first), renewal or _RENEWAL
        for name in ("first", "renewal"):
            _check_positive(name, getattr(self, name))
        _check_positive("every", every)
        self.every, self.keep, self.monitor = every, keep, monitor
        self.held_out = None if validation is None else HeldOut(*validation)
        self.batch_norm_inputs = batch_norm_inputs
        self._clear()

    def on_train_begin(self, logs: Any = None) -> None:
        """Starts anew, or from the restored past."""
        if batch_norm_layers(self.model) and self.batch_norm_inputs is None:
            raise ValueError(
                f"Model '{self.model.name}' has batch normalisation, whose statistics "
                "must be recomputed for averaged weights. Give `batch_norm_inputs`, "
                "some training events as the model takes them."
            )
        if not self._restored:
            self._clear()
        self._restored = False

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Averages, and compares if it is time."""
        since = epoch + 1 - self.first
        is_due = since >= 0 and since % self.every == 0
        if is_due:
            self._add(epoch + 1)
        if self.monitor and logs is not None:
            if is_due or self._monitored is None or not self.average.count:
                self._monitored = self.loss_of(self.average)
            logs["val_swa_loss"] = self._monitored

    def on_train_end(self, logs: Any = None) -> None:
        """Chooses the average and puts it into the model if asked for, or better."""
        if not self.average.count:
            warnings.warn(
                f"Training ended before epoch {self.first}, at which weight averaging "
                "was to begin: the model keeps its last weights.",
                stacklevel=2,
            )
            return
        if self.young.count > 1 and self.loss_of(self.young) < self.loss_of(
            self.average
        ):
            self.average = self.young
        self.used = self.keep == "average" or (
            self.keep == "better"
            and self.loss_of(self.average) < self.loss_of(WeightAverage())
        )
        if self.used:
            self._assign(self.average)

    def loss_of(self, average: WeightAverage) -> float:
        """Validation loss of an average; of the model as it is for an empty one."""
        assert self.held_out is not None  # noqa: S101  (set wherever this is called)
        with self.applied(average):
            return self.held_out.loss(self.model)

    @contextlib.contextmanager
    def applied(self, average: WeightAverage) -> Iterator[None]:
        """Gives the model the averaged weights while inside the block."""
        kept = [np.array(weight) for weight in self.model.weights]
        self._assign(average)
        try:
            yield
        finally:
            for weight, value in zip(self.model.weights, kept, strict=True):
                weight.assign(value)

    def state(self) -> tuple[dict[str, int], list[NDArray[np.float64]]]:
        """What has been averaged so far: plain numbers, and arrays."""
        numbers = {
            "wait": self._wait,
            "left": self._left,
            "old": self.average.count,
            "young": self.young.count,
        }
        return numbers, [*self.average.values, *self.young.values]

    def restore(
        self, numbers: dict[str, int], arrays: list[NDArray[np.float64]]
    ) -> None:
        """Takes what `state` gave as the past of the next fit."""
        self._clear()
        self._wait, self._left = numbers["wait"], numbers["left"]
        size = len(arrays) // (bool(numbers["old"]) + bool(numbers["young"]) or 1)
        old = arrays[:size] if numbers["old"] else []
        self.average = WeightAverage(numbers["old"], old)
        self.young = WeightAverage(numbers["young"], arrays[len(old) :])
        self._restored = True

    def _clear(self) -> None:
        self.average, self.young = WeightAverage(), WeightAverage()
        self.comparisons = []
        self.used = False
        self._wait = self._left = self.renewal
        self._monitored = None
        self._restored = False

    def _add(self, epoch: int) -> None:
        weights = [np.array(v) for v in self.model.trainable_variables]
        self.average.add(weights)
        if not self.automatic:
            return
        if self.young.count:
            self.young.add(weights)
        self._left -= 1
        if self._left:
            return
        if self.young.count:
            self._compare(epoch)
        self.young = WeightAverage()
        self.young.add(weights)
        self._left = self._wait

    def _compare(self, epoch: int) -> None:
        losses = self.loss_of(self.average), self.loss_of(self.young)
        self.comparisons.append(Comparison(epoch, *losses))
        if losses[1] < losses[0]:
            self.average, self._wait = self.young, self.renewal
        else:
            self._wait *= 2

    def _assign(self, average: WeightAverage) -> None:
        if not average.count:
            return
        variables = self.model.trainable_variables
        for variable, value in zip(variables, average.values, strict=True):
            variable.assign(value.astype("float32"))
        if self.batch_norm_inputs is not None:
            recompute_batch_norm(self.model, self.batch_norm_inputs)


def _check_start(start: Any, first_epoch: int | None, renewal: int | None) -> None:
    if start == "auto":
        return
    if not isinstance(start, int):
        raise ValueError(  # noqa: TRY004  (one kind of error for all bad arguments)
            f"`start` must be 'auto' or an epoch. Received: {start!r}."
        )
    given = {"first_epoch": first_epoch, "renewal": renewal}
    for name, value in given.items():
        if value is not None:
            raise ValueError(
                f"`{name}` belongs to start='auto'. Received: {name}={value} with "
                f"start={start}. Leave it out."
            )


def _check_positive(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"`{name}` must be at least 1. Received: {name}={value}.")
