"""Jets with a true mass and the usual estimates of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.data.particle_group import constituent_names


@dataclass(frozen=True, eq=False)
class MassJets:
    """Jets with a true mass, for its regression.

    Args:
        constituents: `(jets, n, 4)` float32 (E, px, py, pz) in GeV by falling pt,
            absent ones four zeros.
        true_mass: `(jets,)` float32 mass to be found (GeV).
        jet_mass: `(jets,)` float32 mass of the sum of all constituents (GeV), also of
            those beyond the first n.
        groomed_mass: `(jets,)` float32 soft-drop mass of the constituents (GeV), the
            usual estimate; None where there is none.
        provenance: `pythia` or `simulated`.
    """

    constituents: NDArray[np.float32]
    true_mass: NDArray[np.float32]
    jet_mass: NDArray[np.float32]
    groomed_mass: NDArray[np.float32] | None
    provenance: str

    def events(self) -> Events:
        """The jets as events: constituents are features, the true mass is the target.

        Features are `E_0`, `PX_0`, `PY_0`, `PZ_0`, `E_1`, ... (GeV). The label is
        unknown, and `event_id` is the row of the jet here, by which parts of the events
        find its other masses. Jets without a true mass (0) are left out.
        """
        rows = np.flatnonzero(self.true_mass > 0)
        names = constituent_names(self.constituents.shape[1])
        return Events(
            features=self.constituents[rows].reshape(len(rows), len(names)),
            feature_names=names,
            feature_units=("GeV",) * len(names),
            label=np.full(len(rows), np.nan, "float32"),
            unlabelled=True,
            process=np.zeros(len(rows), "int16"),
            process_names=("jets",),
            provenance=self.provenance,
            event_id=rows,
            target=self.true_mass[rows],
        )


def load_mass_jets(
    name: str, *, path: str | Path | None = None, seed: int = 0, **arguments: Any
) -> MassJets:
    """The jets behind the events of a data set, with all their masses.

    Args:
        name: `w_jets` or `w_jets_simulated`.
        path: Where generated jets are kept.
        seed: As of the events, like the other arguments.
        **arguments: Those of the data set's loader.

    Returns:
        Jets in the order of `event_id`.

    Raises:
        ValueError: If the data set is another one.
    """
    if name == "w_jets":
        from kerashep.datasets.w_jets import generate_mass_jets

        return generate_mass_jets(path, seed=seed, **arguments)
    if name == "w_jets_simulated":
        from kerashep.datasets.w_jets_simulated import simulate_mass_jets

        return simulate_mass_jets(seed=seed, **arguments)
    raise ValueError(
        "Masses of jets are known for the data sets w_jets and w_jets_simulated. "
        f"Received: '{name}'."
    )
