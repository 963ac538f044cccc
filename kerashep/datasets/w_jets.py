"""Jets of Ws generated with Pythia 8, on demand, whose mass is to be found.

Needs the extra `pythia`; see `kerashep.datasets.pythia.jet_settings` for what is
generated.
"""

from pathlib import Path

from kerashep.data.events import Events
from kerashep.datasets.jets import read_jets
from kerashep.datasets.jets_simulated import check_constituents
from kerashep.datasets.mass_jets import MassJets
from kerashep.datasets.pythia.jet_settings import JetSettings
from kerashep.datasets.pythia.jets import generate_jets
from kerashep.datasets.simulators.jets import MOST_CONSTITUENTS

MASSES = ("true_mass", "jet_mass", "groomed_mass")


def load_w_jets(
    path: str | Path | None = None,
    *,
    events: int = 20_000,
    constituents: int = MOST_CONSTITUENTS,
    pileup: float = 0.0,
    smeared: bool = True,
    workers: int = 1,
    seed: int = 0,
) -> Events:
    """Jets of hadronic Ws as events whose target is the true mass.

    Args:
        path: As for `generate_mass_jets`, like the others.
        events: How many jets.
        constituents: How many of each are features, by falling pt; at most 200.
        pileup: Mean number of minimum-bias collisions added.
        smeared: Whether particles are measured by a detector.
        workers: Processes that generate.
        seed: Seed of all random numbers.

    Returns:
        See `MassJets.events`.
    """
    return generate_mass_jets(
        path,
        events=events,
        constituents=constituents,
        pileup=pileup,
        smeared=smeared,
        workers=workers,
        seed=seed,
    ).events()


def generate_mass_jets(
    path: str | Path | None = None,
    *,
    events: int = 20_000,
    constituents: int = MOST_CONSTITUENTS,
    pileup: float = 0.0,
    smeared: bool = True,
    workers: int = 1,
    seed: int = 0,
) -> MassJets:
    """Jets of hadronic Ws with their true mass, for its regression.

    The true mass is the soft-drop mass (beta = 0, z_cut = 0.1) of the generated
    particles; the constituents are measured, with pile-up if wanted.

    Args:
        path: Folder to keep them in; by default the user's cache folder.
        events: How many jets.
        constituents: How many of each are kept, by falling pt; at most 200.
        pileup: Mean number of minimum-bias collisions added.
        smeared: Whether particles are measured by a detector, see `JetSettings`.
        workers: Processes that generate.
        seed: Seed of all random numbers.

    Returns:
        The jets, with the soft-drop mass of the measured constituents.

    Raises:
        ModuleNotFoundError: If jets must be generated without the extra `pythia`.
        ValueError: If an argument is out of range.
    """
    check_constituents(constituents)
    settings = JetSettings("w", pileup=pileup, smeared=smeared)
    files = generate_jets(settings, events, seed=seed, folder=path, workers=workers)
    vectors, (true, plain, groomed) = read_jets(files, events, constituents, MASSES)
    return MassJets(vectors, true, plain, groomed, provenance="pythia")
