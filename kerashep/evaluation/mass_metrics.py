"""The numbers of one mass, or of events that have none."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kerashep.evaluation.measured import Measured

METRICS = (
    "roc_auc",
    "pr_auc",
    "significance_ratio",
    "best_cut",
    "best_significance",
    "background_rejection",
    "background_rejection_30",
    "accuracy",
)
_UNKNOWN = Measured(math.nan, math.nan)


@dataclass(frozen=True)
class MassMetrics:
    """Numbers of one mass, each with its error.

    Args:
        mass: Mass in GeV (the first parameter); None for events without parameters.
        roc_auc: Area under the ROC curve.
        pr_auc: Average precision at the signal to background ratio of the evaluation.
        significance_ratio: At that same ratio; see `SignificanceRatio`.
        best_cut: Score at which the significance ratio is reached.
        best_significance: Largest `s / sqrt(s + b)` over all cuts, at the yields the
            physics weights give; not the AMS, whose formula is another.
        background_rejection: 1 / background efficiency at 50 % signal efficiency.
        signal_events: Number of signal events of this mass.
        background_events: Number of background events.
        background_rejection_30: The same at 30 % signal efficiency.
        accuracy: Share of the events, by weight, on the right side of a score of 0.5.
        parameters: All parameters by name, for models of more than the mass.
        flags: What is wrong or needs care, in words.
    """

    mass: float | None
    roc_auc: Measured
    pr_auc: Measured
    significance_ratio: Measured
    best_cut: Measured
    best_significance: Measured
    background_rejection: Measured
    signal_events: int
    background_events: int
    parameters: Mapping[str, float] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    background_rejection_30: Measured = _UNKNOWN
    accuracy: Measured = _UNKNOWN

    @property
    def at(self) -> str:
        """Where, in words: `500 GeV`, `500 GeV, coupling 0.3`, or `no mass`."""
        return mass_text(self.mass) + _further_text(self.parameters)

    @property
    def row(self) -> tuple[float, ...]:
        """All parameters in order, the mass first; empty for events without a mass."""
        if self.parameters:
            return tuple(self.parameters.values())
        return () if self.mass is None else (self.mass,)

    def to_dict(self) -> dict[str, Any]:
        """One entry of `per_mass` in metrics.json; `mass` is null if there is none."""
        return {
            "mass": self.mass,
            **{name: getattr(self, name).to_dict() for name in METRICS},
            "signal_events": self.signal_events,
            "background_events": self.background_events,
            "parameters": dict(self.parameters),
            "flags": list(self.flags),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "MassMetrics":
        """Reads what `to_dict` wrote; numbers that are absent are undefined.

        In files of earlier versions `best_significance` is called `ams`.
        """
        content = {"best_significance": content.get("ams"), **content}
        numbers = {
            name: Measured.from_dict(content.get(name) or {}) for name in METRICS
        }
        return cls(
            mass=None if content["mass"] is None else float(content["mass"]),
            **numbers,
            signal_events=int(content.get("signal_events", 0)),
            background_events=int(content.get("background_events", 0)),
            parameters=dict(content.get("parameters", {})),
            flags=tuple(content.get("flags", ())),
        )


def mass_text(mass_gev: float | None) -> str:
    """`500 GeV`, or `no mass` for events that have none."""
    return "no mass" if mass_gev is None else f"{mass_gev:g} GeV"


def parameters_text(parameters: Mapping[str, float]) -> str:
    """`500 GeV, coupling 0.3`: the first parameter is the mass."""
    mass = next(iter(parameters.values()), None)
    return mass_text(mass) + _further_text(parameters)


def _further_text(parameters: Mapping[str, float]) -> str:
    further = list(parameters.items())[1:]
    return "".join(f", {name} {value:g}" for name, value in further)


def metrics_document(
    metrics: Sequence[MassMetrics], provenance: str
) -> dict[str, object]:
    """Content of metrics.json: provenance first, then one entry a mass."""
    return {"provenance": provenance, "per_mass": [one.to_dict() for one in metrics]}
