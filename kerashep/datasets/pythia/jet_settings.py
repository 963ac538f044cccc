"""What jets to generate, and the key under which they are kept."""

import hashlib
import json
from dataclasses import asdict, dataclass

from kerashep._messages import did_you_mean
from kerashep.datasets.pythia.generator import versions

_HADRONIC_W = ("24:onMode = off", "24:onIfAny = 1 2 3 4 5")
_QCD = ("gg2gg", "gg2qqbar", "qg2qg", "qq2qq", "qqbar2gg", "qqbar2qqbarNew")
# Name -> Pythia's lines, and how many quarks of the decay a jet must hold.
PROCESSES = {
    "qcd": (tuple(f"HardQCD:{name} = on" for name in _QCD), 0),
    "top": (("Top:gg2ttbar = on", "Top:qqbar2ttbar = on", *_HADRONIC_W), 3),
    "w": (("WeakDoubleBoson:ffbar2WW = on", *_HADRONIC_W), 2),
}
REVISION = 1  # to be raised when the same settings give other jets


@dataclass(frozen=True)
class JetSettings:
    """A process and what is measured of it.

    Jets are anti-kT R = 0.8 of all visible particles, pt 550 to 650 GeV and |eta| < 2
    (for Ws before pile-up and detector), at 14 TeV, without multiple interactions;
    those of decays hold all quarks of one decay within 0.8 of their axis.

    Args:
        process: `top` (hadronic), `w` (WW -> qqqq) or `qcd` (light quarks and gluons).
        pileup: Mean number of minimum-bias collisions added.
        smeared: Whether particles are measured: those above pt = 0.5 GeV, as massless
            ones, with momenta to 2 % for charged ones, 10 % / sqrt(E) and 1 % for
            photons, 50 % / sqrt(E) and 5 % for other neutral ones. Otherwise all of
            them are as they were generated.

    Raises:
        ValueError: If the process is unknown or `pileup` negative.
    """

    process: str
    pileup: float = 0.0
    smeared: bool = True

    def __post_init__(self) -> None:
        if self.process not in PROCESSES:
            raise ValueError(
                f"Unknown process '{self.process}'."
                + did_you_mean(self.process, PROCESSES)
            )
        if self.pileup < 0:
            raise ValueError(
                f"`pileup` must not be negative. Received: pileup={self.pileup}."
            )

    @property
    def lines(self) -> tuple[str, ...]:
        """Settings of Pythia."""
        return (
            *PROCESSES[self.process][0],
            "Beams:eCM = 14000",
            "PhaseSpace:pTHatMin = 520",
            "PhaseSpace:pTHatMax = 720",
            "PartonLevel:MPI = off",
        )

    @property
    def quarks(self) -> int:
        """Quarks of a decay that a jet must hold."""
        return PROCESSES[self.process][1]

    @property
    def has_true_mass(self) -> bool:
        """Whether soft-drop masses of the generated and measured jets are kept."""
        return self.process == "w"

    def key(self, seed: int) -> str:
        """Name of the folder of such jets: process and hash of all that they depend on.

        Args:
            seed: Seed of all random numbers.
        """
        facts = {
            **asdict(self),
            "lines": self.lines,
            "seed": seed,
            "revision": REVISION,
            **versions(),
        }
        text = json.dumps(facts, sort_keys=True)
        return f"{self.process}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
