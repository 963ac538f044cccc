"""Which combinations of particles a Lorentz Boost Network makes, and which it uses."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.curves import roc_auc

Array = NDArray[np.float64]
_NUMBERED = re.compile(r"(?P<kind>.+?)(?P<numbers>(_\d+)+)")


@dataclass(frozen=True, eq=False)
class CombinationWeights:
    """Matrices of a boost layer, with names.

    Args:
        particle_names: The `n` input particles.
        particles: `(n, combinations)` weights of combined particles.
        restframes: `(n, frames)` weights of rest frames; None where the combined
            particles are the frames.
    """

    particle_names: tuple[str, ...]
    particles: Array
    restframes: Array | None

    def normalised(self) -> dict[str, Array]:
        """Heading -> matrix with a largest weight of 1 in each column."""
        found = {"Particles": _per_column(self.particles)}
        if self.restframes is not None:
            found["Rest frames"] = _per_column(self.restframes)
        return found


@dataclass(frozen=True, eq=False)
class GroupImportance:
    """What is lost as groups of features are shuffled.

    Args:
        names: The groups.
        drop: `(groups,)` weighted ROC AUC less that with the group shuffled, mean over
            repeats; negative ones are noise.
        error: `(groups,)` standard error of that mean, from the shuffling alone: the
            events are the same. NaN for one repeat.
        auc: Weighted ROC AUC with nothing shuffled.
    """

    names: tuple[str, ...]
    drop: Array
    error: Array
    auc: float

    @property
    def order(self) -> NDArray[np.intp]:
        """`(groups,)` the most important first."""
        return np.argsort(-self.drop, kind="stable")


def group_importance(
    score: Callable[[NDArray[np.float32]], ArrayLike],
    features: ArrayLike,
    groups: Mapping[str, Sequence[int]],
    label: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    repeats: int = 3,
    seed: int = 0,
) -> GroupImportance:
    """Permutation importance of groups of columns, without training again.

    All columns of a group get the values of another event, the same for all of them, so
    that only their relation to the label and to the other columns is lost. What one
    group has in common with another is not lost: groups that stand in for each other
    look unimportant each.

    Args:
        score: `(events, features)` to `(events,)` or `(events, 1)` scores.
        features: `(events, features)`.
        groups: Name -> columns.
        label: `(events,)` 1 for signal, 0 for background.
        weight: `(events,)` physics weights, ones by default.
        repeats: How often each group is shuffled.
        seed: Seed of the shuffling.

    Raises:
        ValueError: If there is no group, no repeat or a column that is not there, or
            as `kerashep.evaluation.roc_auc`.
    """
    table = np.array(features, "float32")
    _check_groups(groups, table.shape[1], repeats)

    def auc() -> float:
        return roc_auc(label, np.ravel(np.asarray(score(table))), weight)

    rng = np.random.default_rng(seed)
    orders = [rng.permutation(len(table)) for _ in range(repeats)]
    full, drops = auc(), np.empty((len(groups), repeats))
    for i, columns in enumerate(groups.values()):
        chosen = list(columns)
        kept = table[:, chosen]
        for j, order in enumerate(orders):
            table[:, chosen] = kept[order]
            drops[i, j] = full - auc()
        table[:, chosen] = kept
    error = np.full(len(groups), math.nan)
    if repeats > 1:
        error = drops.std(axis=1, ddof=1) / math.sqrt(repeats)
    return GroupImportance(tuple(groups), drops.mean(axis=1), error, full)


def columns_by_kind(feature_names: Sequence[str]) -> dict[str, list[int]]:
    """Kind of feature -> columns: all of `pt_0`, `pt_1`, ... are the group `pt`.

    Args:
        feature_names: As of `kerashep.layers.FourVectorFeatures`.
    """
    found: dict[str, list[int]] = {}
    for column, name in enumerate(feature_names):
        found.setdefault(_parsed(name)[0], []).append(column)
    return found


def columns_by_combination(
    feature_names: Sequence[str], labels: Sequence[str]
) -> dict[str, list[int]]:
    """Boosted vector -> columns of its features, those of its pairs too.

    Args:
        feature_names: As of `kerashep.layers.FourVectorFeatures`.
        labels: One a boosted vector.
    """
    found: dict[str, list[int]] = {label: [] for label in labels}
    for column, name in enumerate(feature_names):
        for number in _parsed(name)[1]:
            found[labels[number]].append(column)
    return found


def columns_within(
    feature_names: Sequence[str], numbers: Iterable[int]
) -> dict[str, list[int]]:
    """Feature -> its column, for features of the boosted vectors `numbers` alone.

    Args:
        feature_names: As of `kerashep.layers.FourVectorFeatures`.
        numbers: Numbers of boosted vectors.
    """
    chosen = set(numbers)
    return {
        name: [column]
        for column, name in enumerate(feature_names)
        if set(_parsed(name)[1]) <= chosen
    }


def combination_labels(outputs: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """`3` for particle 3 in frame 3 where all are such pairs, else `3 in 1`.

    Args:
        outputs: Particle and frame of each boosted vector.
    """
    pairs = all(particle == frame for particle, frame in outputs)
    return tuple(f"{p}" if pairs else f"{p} in {f}" for p, f in outputs)


def names_of_particles(feature_names: Sequence[str]) -> tuple[str, ...]:
    """A name for each four features: `jet_0` for `jet_0_E` and the three that follow.

    Args:
        feature_names: E, px, py, pz of the first particle, of the second, and so on.
            `E_0`, `PX_0`, ... are those of the particle `0`.
    """
    energies = feature_names[::4]
    return tuple(name.removesuffix("_E").removeprefix("E_") for name in energies)


def _parsed(name: str) -> tuple[str, tuple[int, ...]]:
    """`pair_cos` and `(0, 2)` of `pair_cos_0_2`."""
    found = _NUMBERED.fullmatch(name)
    if found is None:
        raise ValueError(
            "Features of boosted vectors must end in the vectors' numbers, as `pt_3`. "
            f"Received: '{name}'."
        )
    return found["kind"], tuple(int(one) for one in found["numbers"][1:].split("_"))


def _per_column(matrix: ArrayLike) -> Array:
    values = np.asarray(matrix, "float64")
    largest = np.abs(values).max(axis=0)
    return np.asarray(values / np.where(largest > 0, largest, 1.0))


def _check_groups(
    groups: Mapping[str, Sequence[int]], width: int, repeats: int
) -> None:
    if repeats < 1:
        raise ValueError(f"`repeats` must be at least 1. Received: repeats={repeats}.")
    if not groups:
        raise ValueError("`groups` must hold a group of columns. Received: none.")
    for name, columns in groups.items():
        if not columns or min(columns) < 0 or max(columns) >= width:
            raise ValueError(
                f"`groups['{name}']` must name columns from 0 to {width - 1}. "
                f"Received: {list(columns)}."
            )
