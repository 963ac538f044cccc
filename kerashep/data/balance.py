"""Batches in which classes, signal masses and background processes are balanced."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.background_mass import distinct_parameter_sets

BALANCES = ("none", "class", "signal", "background", "full")
_EVENTS_AT_ONCE = 16384
_RANDOM_STREAM = 0x6F726465  # apart from other uses of the same seed


class BatchSampler:
    """Draws the row numbers of batches, reproducibly by seed and epoch.

    The balance of paper 002, section 4.3, is exact in each batch, not on average:

    - `none`: all events in random order, each once an epoch; the last batch of an
      epoch may be smaller (`tail`).
    - `class`: half of the batch signal, half background.
    - `signal`: the signal half split evenly over its parameter sets (masses).
    - `background`: the background half split evenly over its processes.
    - `full`: both. With a single background process it equals `signal`.

    Places in the endless row of batches are dealt like cards: first to signal and
    background in turn, then within each to its sub-classes in turn. What does not
    divide evenly (512 / 5) so rotates, and counts are equal in the long run. Within a
    sub-class events are used without replacement until all were used, then in a new
    order, across batches and epochs. Any epoch can be asked for without those before.

    A balanced epoch has `ceil(events / batch_size)` batches, all of full size.

    Args:
        label: `(events,)` 1 = signal, 0 = background.
        process: `(events,)` process number; read for the background.
        parameters: `(events, parameters)`; read for the signal.
        batch_size: Events in a batch; when balanced, each half needs a place for each
            of its sub-classes.
        balance: `none`, `class`, `signal`, `background` or `full`.
        seed: Non-negative seed.

    Attributes:
        steps_per_epoch: Batches in an epoch, the partial one included.
        tail: Events in the partial last batch of an epoch; 0 if there is none.
        sub_classes: What the batch is divided into, with the number of events.

    Raises:
        ValueError: If the balance is unknown, cannot take effect on these events, or
            the batch is too small for it.
    """

    def __init__(
        self,
        label: NDArray[np.float32],
        process: NDArray[np.int16],
        parameters: NDArray[np.float32],
        batch_size: int,
        balance: str = "none",
        seed: int = 0,
    ) -> None:
        events = len(label)
        _check_arguments(events, batch_size, balance, seed)
        self.batch_size = batch_size
        self.balance = balance
        self.steps_per_epoch = -(-events // batch_size)
        self.tail = events % batch_size if balance == "none" else 0
        self._full_steps = self.steps_per_epoch - bool(self.tail)
        self._places_per_epoch = self._full_steps * batch_size + self.tail
        if balance == "none":
            halves = [[("all events", np.arange(events))]]
        else:
            halves = [
                _signal_groups(label, parameters, balance),
                _background_groups(label, process, balance),
            ]
            _check_room(halves, batch_size, balance)
        self._deals = _deal(halves, seed)
        self.sub_classes = {deal.name: len(deal.cards.rows) for deal in self._deals}

    def draw(self, epoch: int, first_step: int, steps: int) -> NDArray[np.int32]:
        """Row numbers of `steps` full batches of an epoch, `(steps, batch_size)`."""
        if epoch < 0 or first_step < 0 or first_step + steps > self._full_steps:
            raise ValueError(
                f"An epoch has the full batches 0 to {self._full_steps - 1}. Received: "
                f"epoch={epoch}, first_step={first_step}, steps={steps}."
            )
        start = epoch * self._places_per_epoch + first_step * self.batch_size
        places = self._read(start, start + steps * self.batch_size)
        return places.reshape(steps, self.batch_size)

    def epoch(self, epoch: int) -> NDArray[np.int32]:
        """Row numbers of all full batches of an epoch, `(steps, batch_size)`."""
        return self.draw(epoch, 0, self._full_steps)

    def tail_batch(self, epoch: int) -> NDArray[np.int32]:
        """Row numbers of the partial last batch of an epoch, `(tail,)`."""
        stop = (epoch + 1) * self._places_per_epoch
        return self._read(stop - self.tail, stop)

    @property
    def full_steps(self) -> int:
        """Batches of full size in an epoch."""
        return self._full_steps

    def _read(self, start: int, stop: int) -> NDArray[np.int32]:
        places = np.empty(stop - start, "int32")
        for deal in self._deals:
            first = -((deal.offset - start) // deal.stride)
            last = -((deal.offset - stop) // deal.stride)
            at = deal.offset + first * deal.stride - start
            places[at :: deal.stride] = deal.cards.read(first, last)
        return places


class _Cards:
    """Endless sequence of `rows`: random permutations, one after the other.

    Permutations are made several at a time, so that small sub-classes cost little,
    from a generator seeded by their number: any part is found without the rest.
    """

    def __init__(self, rows: NDArray[np.int64], seed: int, number: int) -> None:
        self.rows = rows.astype("uint32")
        self._seed = (seed, _RANDOM_STREAM, number)
        self._passes = max(1, _EVENTS_AT_ONCE // len(rows))
        self._held = (-1, np.empty(0, "int32"))

    def read(self, start: int, stop: int) -> NDArray[np.int32]:
        """Entries `start` to `stop` of the sequence."""
        size = self._passes * len(self.rows)
        pieces = [np.empty(0, "int32")]
        while start < stop:
            chunk, offset = divmod(start, size)
            pieces.append(self._shuffled(chunk)[offset : offset + stop - start])
            start += len(pieces[-1])
        return np.concatenate(pieces) if len(pieces) > 2 else pieces[-1]

    def _shuffled(self, chunk: int) -> NDArray[np.int32]:
        held, entries = self._held
        if held != chunk:
            rng = np.random.default_rng((*self._seed, chunk))
            entries = shuffled_rows(rng, self.rows, self._passes)
            self._held = (chunk, entries)
        return entries


def shuffled_rows(
    rng: np.random.Generator, rows: NDArray[np.uint32], passes: int = 1
) -> NDArray[np.int32]:
    """`passes` independent random permutations of the distinct `rows`, one a time.

    Sorts 64-bit numbers that hold random bits above and the row number below, which
    for millions of rows is two to three times as fast as exchanging entries. Equal
    random bits (fewer than one pair in 10^12) would come in row order.

    Returns:
        `(passes * rows,)` int32.
    """
    low = np.uint64((1 << int(rows.max()).bit_length()) - 1)
    keys = rng.integers(0, 1 << 64, (passes, len(rows)), dtype="uint64")
    keys &= ~low
    keys |= rows
    keys.sort(axis=1)
    keys &= low
    return keys.astype("int32").ravel()


@dataclass(frozen=True)
class _Deal:
    """One sub-class and the places it gets: `offset`, `offset + stride`, ..."""

    name: str
    cards: _Cards
    offset: int
    stride: int = field(default=1)


_Groups = list[tuple[str, NDArray[np.int64]]]


def _deal(halves: list[_Groups], seed: int) -> list[_Deal]:
    deals: list[_Deal] = []
    for half, groups in enumerate(halves):
        stride = len(halves) * len(groups)
        for i, (name, rows) in enumerate(groups):
            cards = _Cards(rows, seed, len(deals))
            deals.append(_Deal(name, cards, half + len(halves) * i, stride))
    return deals


def _signal_groups(
    label: NDArray[np.float32], parameters: NDArray[np.float32], balance: str
) -> _Groups:
    rows = _rows_of_class(label, 1, balance)
    if balance in ("class", "background"):
        return [("signal", rows)]
    if not parameters.shape[1]:
        raise ValueError(
            f"balance='{balance}' divides the signal by its parameters. Received: "
            "events without parameters. Declare them in the column map, or use "
            "balance='class' or 'background'."
        )
    sets, code = distinct_parameter_sets(parameters[rows])
    order = np.argsort(code, kind="stable")
    ends = np.cumsum(np.bincount(code))[:-1]
    names = [f"signal at {', '.join(f'{v:g}' for v in values)}" for values in sets]
    return list(zip(names, np.split(rows[order], ends), strict=True))


def _background_groups(
    label: NDArray[np.float32], process: NDArray[np.int16], balance: str
) -> _Groups:
    rows = _rows_of_class(label, 0, balance)
    if balance in ("class", "signal"):
        return [("background", rows)]
    found = np.unique(process[rows])
    return [(f"background process {p}", rows[process[rows] == p]) for p in found]


def _rows_of_class(
    label: NDArray[np.float32], value: int, balance: str
) -> NDArray[np.int64]:
    rows = np.flatnonzero(label == value)
    if not len(rows):
        raise ValueError(
            f"balance='{balance}' needs both classes. Received: no "
            f"{'signal' if value else 'background'} among {len(label)} events."
        )
    return rows


def _check_room(halves: list[_Groups], batch_size: int, balance: str) -> None:
    needed = 2 * max(len(groups) for groups in halves)
    if batch_size < needed:
        raise ValueError(
            f"balance='{balance}' divides half of each batch over {len(halves[0])} "
            f"signal and half over {len(halves[1])} background sub-classes, each of "
            f"which needs a place. Received: batch_size={batch_size}. Use at least "
            f"{needed}, or another balance."
        )


def _check_arguments(events: int, batch_size: int, balance: str, seed: int) -> None:
    if balance not in BALANCES:
        raise ValueError(
            f"`balance` must be one of {BALANCES}. Received: balance='{balance}'."
            + did_you_mean(balance, BALANCES)
        )
    if not 0 < events < 2**31:
        raise ValueError(
            f"Between 1 and 2^31 - 1 events can be drawn from. Received: {events}. "
            "Use `StreamedPipeline` for more."
        )
    for name, value, least in (("batch_size", batch_size, 1), ("seed", seed, 0)):
        if value < least:
            raise ValueError(
                f"`{name}` must be at least {least}. Received: {name}={value}."
            )
