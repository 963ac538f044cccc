"""A HistFactory workspace for pyhf: the model of a fit to score histograms."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kerashep._files import write_json
from kerashep.evaluation.binned_significance import BinnedYields

SCHEMA_VERSION = "1.0.0"


def pyhf_workspace(
    channels: Mapping[str, BinnedYields],
    *,
    systematic: float = 0.0,
    observed: Mapping[str, ArrayLike] | None = None,
    poi: str = "mu",
) -> dict[str, Any]:
    """The JSON document that `pyhf.Workspace` takes.

    Every channel has the samples `signal` and `background`. The signal is multiplied by
    the parameter of interest; the simulated events' statistical error is one
    `staterror` a channel, common to both samples (Barlow-Beeston); the background
    uncertainty is one `normsys`, common to all channels and bins.

    Reference: pyhf's JSON schema 1.0.0; HistFactory, CERN-OPEN-2012-016.

    Args:
        channels: Name -> yields, for example
            `{"higgs": binned_significance(...).yields}`.
        systematic: Relative uncertainty of the background, in [0, 1); 0 for none.
        observed: Name -> `(bins,)` observed counts. None writes the expectation, signal
            plus background at `mu = 1` (the Asimov data set).
        poi: Name of the parameter of interest, the signal strength.

    Returns:
        Python numbers, strings, lists and dicts only.

    Raises:
        ValueError: If there is no channel, `systematic` is not in [0, 1), a bin has no
            background or a negative yield (pyhf cannot evaluate it), or `observed` does
            not have the channels and bins of `channels`.
    """
    if not channels:
        raise ValueError("`channels` must hold at least one channel. Received: none.")
    if not 0.0 <= systematic < 1.0:
        raise ValueError(
            f"`systematic` must be in [0, 1). Received: systematic={systematic}."
        )
    for name, yields in channels.items():
        _check_yields(name, yields)
    counts = {
        name: yields.signal + yields.background for name, yields in channels.items()
    }
    if observed is not None:
        _check_observed(observed, counts)
        counts = {name: np.asarray(observed[name], "float64") for name in channels}
    config = {
        "poi": poi,
        "parameters": [{"name": poi, "inits": [1.0], "bounds": [[0.0, 10.0]]}],
    }
    return {
        "channels": [
            {"name": name, "samples": _samples(name, yields, systematic, poi)}
            for name, yields in channels.items()
        ],
        "observations": [
            {"name": name, "data": values.tolist()} for name, values in counts.items()
        ],
        "measurements": [{"name": "signal_strength", "config": config}],
        "version": SCHEMA_VERSION,
    }


def write_pyhf_workspace(path: str | Path, workspace: Mapping[str, Any]) -> None:
    """Writes a workspace of `pyhf_workspace` as a JSON file, whole or not at all."""
    write_json(Path(path), dict(workspace))


def _samples(
    channel: str, yields: BinnedYields, systematic: float, poi: str
) -> list[dict[str, Any]]:
    def statistical(errors: ArrayLike) -> dict[str, Any]:
        data = np.asarray(errors, "float64").tolist()
        return {"name": f"staterror_{channel}", "type": "staterror", "data": data}

    strength = {"name": poi, "type": "normfactor", "data": None}
    uncertainty = {
        "name": "background_normalisation",
        "type": "normsys",
        "data": {"lo": 1.0 - systematic, "hi": 1.0 + systematic},
    }
    background = [statistical(yields.background_error)]
    return [
        {
            "name": "signal",
            "data": yields.signal.tolist(),
            "modifiers": [strength, statistical(yields.signal_error)],
        },
        {
            "name": "background",
            "data": yields.background.tolist(),
            "modifiers": [*background, uncertainty] if systematic else background,
        },
    ]


def _check_yields(name: str, yields: BinnedYields) -> None:
    bad = ~(yields.background > 0.0) | (yields.signal < 0.0)
    if bad.any():
        i = int(np.argmax(bad))
        raise ValueError(
            f"Every bin needs background and no negative signal. Received: channel "
            f"'{name}' with signal {yields.signal[i]:g} and background "
            f"{yields.background[i]:g} in bin {i}. Use fewer bins."
        )


def _check_observed(
    observed: Mapping[str, ArrayLike], counts: Mapping[str, ArrayLike]
) -> None:
    given = {name: np.shape(values) for name, values in observed.items()}
    expected = {name: np.shape(values) for name, values in counts.items()}
    if given != expected:
        raise ValueError(
            "`observed` must have the channels and bins of the workspace: expected "
            f"shapes {expected}. Received: {given}."
        )
