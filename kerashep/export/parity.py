"""Proof that an export gives the scores of the original."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from kerashep.export.programs import call_model, input_shapes
from kerashep.export.served_model_info import ServedModelInfo
from kerashep.layers import FeatureStandardization

PARITY_EVENTS = 10_000
PARITY_TOLERANCE = 1e-5
_MISSING_SHARE = 0.02
_LARGEST_LOG = 30.0
_ROWS = 4096
_ROUNDINGS, _MOST_ROUNDINGS = 8, 10.0

Scorer = Callable[..., NDArray[Any]]
Sample = tuple[NDArray[Any] | Mapping[str, NDArray[Any]], NDArray[Any] | None]


class ParityError(ValueError):
    """An export whose scores differ from those of the original model."""


@dataclass(frozen=True)
class ParityResult:
    """How far two scorers were apart on the same events.

    Args:
        max_difference: Largest difference of the scores, relative to those above 1.
        events: Number of events compared.
        tolerance: What would have been accepted.
        rounding: Number of events that differ by more, as far as the original differs
            from itself once its features are rounded anew.
    """

    max_difference: float
    events: int
    tolerance: float
    rounding: int = 0


def check_parity(
    original: Scorer,
    exported: Scorer,
    x: NDArray[Any] | Mapping[str, NDArray[Any]],
    m: NDArray[Any] | None = None,
    *,
    tolerance: float = PARITY_TOLERANCE,
) -> ParityResult:
    """Compares two scorers event by event.

    No two programs agree better than the model does with itself. Where differences of
    nearly equal numbers decide, as in boosts of light particles, a score changes by
    more than `tolerance` once the features are rounded anew (each by one unit in the
    last of the 24 bits of float32, up or down at random): such an event may differ by
    up to ten times the largest change in eight roundings.

    Args:
        original: From `(x, m)` to scores, one an event.
        exported: The same for the export.
        x: Raw features `(events, features)`, or one array a named input.
        m: Parameters `(events, parameters)` in raw units, or `None`.
        tolerance: Largest accepted difference: absolute for scores up to 1, relative to
            larger outputs, such as a mass in GeV, of which float32 has seven digits.

    Raises:
        ParityError: If a score is not finite or differs by more than `tolerance`,
            naming the worst event and both scores.
    """
    ours = np.asarray(original(x, m), "float64").reshape(-1)
    theirs = np.asarray(exported(x, m), "float64").reshape(-1)
    if ours.shape != theirs.shape or not len(ours):
        raise ParityError(
            "Both scorers must give one score an event, for at least one event. "
            f"Received: {len(ours)} and {len(theirs)} scores."
        )
    difference = np.abs(ours - theirs) / np.maximum(1.0, np.abs(ours))
    rows = np.flatnonzero(~(difference <= tolerance))
    allowed = np.full(len(ours), tolerance, "float64")
    if len(rows) and np.isfinite(difference).all():
        change = _rounding(original, _rows_of(x, rows), None if m is None else m[rows])
        allowed[rows] += _MOST_ROUNDINGS * change / np.maximum(1.0, np.abs(ours[rows]))
    failed = np.flatnonzero(~(difference <= allowed))
    if len(failed):
        worst = failed[np.argmax(np.nan_to_num(difference[failed], nan=np.inf))]
        raise ParityError(
            f"The export does not give the scores of the original: {len(failed)} of "
            f"{len(ours)} events differ by more than {tolerance:g}. Worst is event "
            f"{worst}: original {ours[worst]:.8g}, export {theirs[worst]:.8g}."
        )
    return ParityResult(float(difference.max()), len(ours), tolerance, len(rows))


def _rows_of(
    x: NDArray[Any] | Mapping[str, NDArray[Any]], rows: NDArray[np.intp]
) -> dict[str, NDArray[np.float32]] | NDArray[np.float32]:
    if isinstance(x, Mapping):
        return {k: np.asarray(v[rows], "float32") for k, v in x.items()}
    return np.asarray(x[rows], "float32")


def _rounding(
    scorer: Scorer,
    x: dict[str, NDArray[np.float32]] | NDArray[np.float32],
    m: NDArray[Any] | None,
) -> NDArray[np.float64]:
    """Largest change of each score when the features are rounded anew."""
    rng = np.random.default_rng(0)

    def rounded(values: NDArray[np.float32]) -> NDArray[np.float32]:
        towards = np.where(rng.random(values.shape) < 0.5, np.inf, -np.inf)
        return np.where(values == 0, values, np.nextafter(values, towards, dtype="f4"))

    before = np.asarray(scorer(x, m), "float64").reshape(-1)
    largest = np.zeros(len(before))
    for _ in range(_ROUNDINGS):
        moved = (
            {k: rounded(v) for k, v in x.items()} if isinstance(x, dict) else rounded(x)
        )
        after = np.asarray(scorer(moved, m), "float64").reshape(-1)
        largest = np.maximum(largest, np.abs(after - before))
    return largest


def plain_scores(model: keras.Model) -> Scorer:
    """The scores of `model` called eagerly: the original in a parity check."""

    def score(
        x: NDArray[Any] | Mapping[str, NDArray[Any]], m: NDArray[Any] | None = None
    ) -> NDArray[Any]:
        named = dict(x) if isinstance(x, Mapping) else {_feature_input(model): x}
        arrays = {**named, **({} if m is None else {"m": m})}
        rows = len(next(iter(arrays.values())))
        blocks = []
        for start in range(0, rows, _ROWS):
            block = {k: v[start : start + _ROWS] for k, v in arrays.items()}
            block = {k: keras.ops.array(v) for k, v in block.items()}
            output = keras.ops.convert_to_numpy(call_model(model, block))
            blocks.append(np.asarray(output).reshape(-1))
        return np.concatenate(blocks)

    return score


def draw_sample(
    model: keras.Model,
    info: ServedModelInfo | None = None,
    *,
    events: int = PARITY_EVENTS,
    seed: int = 0,
) -> Sample:
    """Draws events that look like those `model` was trained on.

    Features are normal with the training mean and scale that `info` or the model's
    own `FeatureStandardization` know, standard normal otherwise; parameters uniform in
    the trained range, or in [500, 1500] (GeV). If missing values are allowed, some
    features are missing.

    Args:
        model: The model to be exported.
        info: Its description.
        events: Number of events.
        seed: Seed of the draw.

    Returns:
        `(x, m)` for `check_parity`; `m` is `None` if the model takes none.
    """
    rng = np.random.default_rng(seed)
    shapes = input_shapes(model)
    features: dict[str, NDArray[Any]] = {
        name: rng.normal(size=(events, *shape)).astype("float32")
        for name, shape in shapes.items()
        if name != "m"
    }
    if len(features) == 1:
        features = {k: _unscaled(v, model, info) for k, v in features.items()}
    if info is not None and info.allow_missing:
        for array in features.values():
            array[rng.random(array.shape) < _MISSING_SHARE] = np.nan
    x = next(iter(features.values())) if len(features) == 1 else features
    if "m" not in shapes:
        return x, None
    low, high = np.full((2, shapes["m"][0]), ((500.0,), (1500.0,)))
    if info is not None and len(info.parameter_ranges) == len(low):
        low, high = np.asarray(info.parameter_ranges).T
    return x, rng.uniform(low, high, (events, len(low))).astype("float32")


def checked_sample(
    model: keras.Model, info: ServedModelInfo | None, sample: Sample | None
) -> Sample:
    """`sample`, or events drawn by `draw_sample`; checks that `info` fits the model.

    Raises:
        ValueError: If the description has another number of features or parameters.
    """
    if info is not None:
        shapes = input_shapes(model)
        widths = {"m": len(info.parameter_names)}
        if "x" in shapes and len(shapes["x"]) == 1:
            widths["x"] = len(info.feature_names)
        for name, width in widths.items():
            if shapes.get(name, (0,))[0] != width:
                raise ValueError(
                    f"The description does not fit the model: input '{name}' has "
                    f"{shapes.get(name, (0,))[0]} columns. Received: {width} names."
                )
    return draw_sample(model, info) if sample is None else sample


def _unscaled(
    z: NDArray[Any], model: keras.Model, info: ServedModelInfo | None
) -> NDArray[np.float32]:
    """Standard normal numbers as raw features of the training sample."""
    if info is not None and info.feature_mean:
        mean, scale = np.asarray(info.feature_mean), np.asarray(info.feature_scale)
        log = np.isin(info.feature_names, info.log_features)
    else:
        scalers = [k for k in model.layers if isinstance(k, FeatureStandardization)]
        if not scalers or tuple(scalers[0].mean.shape) != z.shape[1:]:
            return np.asarray(z, "float32")
        mean = keras.ops.convert_to_numpy(scalers[0].mean)
        scale = keras.ops.convert_to_numpy(scalers[0].scale)
        log = np.asarray(scalers[0].log or np.zeros(len(mean)), bool)
    z = mean + z * scale
    raw = np.sign(z) * np.expm1(np.minimum(np.abs(z), _LARGEST_LOG))
    return np.asarray(np.where(log, raw, z), "float32")


def _feature_input(model: keras.Model) -> str:
    names = [name for name in input_shapes(model) if name != "m"]
    if len(names) != 1:
        raise ValueError(
            f"Pass a dictionary of the inputs {names}. Received: one array."
        )
    return names[0]
