"""Disjoint splits and folds, by seed or by event id."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.events import Events
from kerashep.data.groups import signal_sets

_WAYS = ("seed", "event_id")


def split_events(
    events: Events,
    fractions: Mapping[str, float],
    *,
    by: str = "seed",
    seed: int = 0,
    stratify: bool | None = None,
) -> dict[str, Events]:
    """Splits events into named, disjoint parts that together hold all of them.

    Args:
        events: Events to split.
        fractions: Part -> fraction, for example `{"train": 0.8, "validation": 0.2}`;
            they sum to 1.
        by: `seed` draws the parts; `event_id` decides by a hash of the id and `seed`,
            so that an event lands in the same part in whatever file or selection it
            appears.
        seed: Seed of the draw or of the hash.
        stratify: Whether label, process and, for signal, the parameter set (unless
            there are too many) are shared out in exact proportion, to one event. On by
            default for `seed`; cannot be had with `event_id`.

    Returns:
        Part -> events, in their original order.

    Raises:
        ValueError: For fractions that are not positive or do not sum to 1, an unknown
            way, `stratify` with `event_id`, or a part that would lack a class.
    """
    names = tuple(fractions)
    shares = np.array([fractions[name] for name in names], "float64")
    if not names or not np.all(shares > 0) or abs(shares.sum() - 1) > 1e-6:
        raise ValueError(
            "`fractions` must be positive and sum to 1. "
            f"Received: fractions={dict(fractions)}."
        )
    part = _assign(events, shares, by=by, seed=seed, stratify=stratify)
    _check_classes(events, part, names)
    return {
        name: events.take(np.flatnonzero(part == i)) for i, name in enumerate(names)
    }


def fold_indices(
    events: Events,
    folds: int,
    *,
    seed: int = 0,
    by: str = "seed",
    stratify: bool | None = None,
) -> list[NDArray[np.intp]]:
    """Rows of each fold: disjoint, together all rows; a fold is what is left out.

    Args:
        events: Events to divide.
        folds: Number of folds, at least 2.
        seed: Seed of the draw or of the hash.
        by: As for `split_events`.
        stratify: As for `split_events`.

    Returns:
        `folds` sorted arrays of row numbers.

    Raises:
        ValueError: As `split_events`.
    """
    if folds < 2:
        raise ValueError(f"`folds` must be at least 2. Received: folds={folds}.")
    shares = np.full(folds, 1 / folds, "float64")
    part = _assign(events, shares, by=by, seed=seed, stratify=stratify)
    _check_classes(events, part, [f"fold {i}" for i in range(folds)])
    return [np.flatnonzero(part == i) for i in range(folds)]


def hash_event_id(event_id: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Fixed pseudo-random number in `[0, 1)` of an event id and a seed.

    The finaliser of SplitMix64 ([Steele et al., 2014](
    https://doi.org/10.1145/2660193.2660195)) of the id, xored with that of the seed.
    """
    key = _splitmix64(np.array([seed], "int64").astype("uint64"))
    mixed = _splitmix64(event_id.astype("uint64") ^ key)
    return np.asarray(mixed >> np.uint64(11), "float64") * 2.0**-53


def _splitmix64(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _assign(
    events: Events,
    shares: NDArray[np.float64],
    *,
    by: str,
    seed: int,
    stratify: bool | None,
) -> NDArray[np.intp]:
    """Number of the part of every event."""
    if by not in _WAYS:
        raise ValueError(f"Unknown way to split, by='{by}'." + did_you_mean(by, _WAYS))
    if by == "event_id":
        if stratify:
            raise ValueError(
                "`stratify` cannot be had with by='event_id', where each event decides "
                "for itself. Use by='seed' or leave `stratify` out."
            )
        edges = np.cumsum(shares)[:-1]
        return np.searchsorted(edges, hash_event_id(events.event_id, seed), "right")
    rng = np.random.default_rng(seed)
    if stratify is False:
        strata = np.zeros(len(events), np.intp)
    else:
        strata = _strata(events, float(shares.min()))
    shuffled = rng.permutation(len(events))
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    part = np.empty(len(events), np.intp)
    start = 0
    for size in np.bincount(strata):
        counts = _share_out(int(size), shares, rng)
        part[order[start : start + size]] = np.repeat(np.arange(len(shares)), counts)
        start += size
    return part


def _strata(events: Events, smallest_share: float) -> NDArray[np.intp]:
    """Label x process x signal parameter set.

    Parameter sets count only if even the smallest part gets one event of each on
    average; continuous parameters do not.
    """
    sets, count = signal_sets(events)
    if np.count_nonzero(events.label == 1) * smallest_share < count:
        sets, count = np.zeros(len(events), np.intp), 1
    signal = events.label == 1
    kind = signal.astype(np.intp) * len(events.process_names) + events.process
    return np.asarray(kind * (count + 1) + sets + 1, np.intp)


def _share_out(
    size: int, shares: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Integers that sum to `size`, each within 1 of `size * shares`."""
    exact = size * shares / shares.sum()
    counts: NDArray[np.intp] = np.floor(exact + 1e-9).astype(np.intp)
    left = size - int(counts.sum())
    by_remainder = np.lexsort((rng.random(len(shares)), counts - exact))
    counts[by_remainder[:left]] += 1
    return counts


def _check_classes(
    events: Events, part: NDArray[np.intp], names: Sequence[str]
) -> None:
    for value, kind in ((1, "signal"), (0, "background")):
        of_class = events.label == value
        counts = np.bincount(part[of_class], minlength=len(names))
        if counts.sum() and not counts.all():
            empty = names[int(np.argmin(counts))]
            raise ValueError(
                f"'{empty}' would have no {kind}: {int(counts.sum())} {kind} events "
                f"are too few for the {len(names)} parts {', '.join(names)}."
            )
