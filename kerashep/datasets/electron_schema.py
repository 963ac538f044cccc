"""Which columns of electron candidates form which image, track and scalar.

A candidate is a row of 1,170 numbers, in this order:

- seven images of calorimeter layers, energies in GeV, row-major (pseudorapidity first,
  then azimuth), columns `em2_<eta>_<phi>`: `presampler`, `em1` (56 x 11 cells), `em2`,
  `em3`, `had1`, `had2`, `had3` (7 x 11 cells). All cover the same window of 0.175 x
  0.27 around the cell `em2_3_5`, so that the six of 7 x 11 stack as channels;
- 15 tracks by falling transverse momentum, row-major, columns `track_<i>_<variable>`
  with the variables `pt` (GeV), `charge` (+1 or -1), `deta` and `dphi` (from the
  centre of the window, extrapolated to it) and `d0` (mm). Absent tracks are five zeros;
- 15 scalars, those of a likelihood selection, defined in
  `kerashep.datasets.simulators.electrons.scalars`;
- `abs_eta`, the cluster's absolute pseudorapidity, and its `pt` (GeV).

Source: E. O. Kahya, Identifying Electrons with Deep Learning Methods (2020), section
1.4, and ATLAS, arXiv:1902.04655, table 1, for the scalars.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean

SCALARS = (
    *("r_had", "f3", "w_eta2", "r_phi", "r_eta", "e_ratio", "f1"),
    *("d0", "d0_significance", "delta_p_over_p", "pixel_hits", "trt_probability"),
    *("delta_eta1", "delta_phi2", "e_over_p"),
)
TRACK_VARIABLES = ("pt", "charge", "deta", "dphi", "d0")
CLASSES = (
    "signal",
    "charge_flip",
    "conversion",
    "heavy_flavour",
    "light_em",
    "light_hadron",
)
_UNITS = {"pt": "GeV", "d0": "mm"}


@dataclass(frozen=True)
class Image:
    """One layer of the calorimeter.

    Args:
        name: Of the layer.
        shape: Cells in pseudorapidity and in azimuth.
    """

    name: str
    shape: tuple[int, int] = (7, 11)


@dataclass(frozen=True)
class ElectronSchema:
    """Names, order and shapes of the columns of electron candidates.

    Its parts, in the order of the columns, are the images, `tracks`, `scalars`,
    `abs_eta` and `pt`.

    Args:
        images: Of the layers, from the inside.
        tracks: Most tracks of a candidate.
        track_variables: Of each track.
        scalars: Names of the scalars.
    """

    images: tuple[Image, ...] = (
        Image("presampler"),
        Image("em1", (56, 11)),
        Image("em2"),
        Image("em3"),
        Image("had1"),
        Image("had2"),
        Image("had3"),
    )
    tracks: int = 15
    track_variables: tuple[str, ...] = TRACK_VARIABLES
    scalars: tuple[str, ...] = SCALARS

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Part -> shape of one candidate; `()` for a single number."""
        return {
            **{image.name: image.shape for image in self.images},
            "tracks": (self.tracks, len(self.track_variables)),
            "scalars": (len(self.scalars),),
            "abs_eta": (),
            "pt": (),
        }

    @property
    def slices(self) -> dict[str, slice]:
        """Part -> its columns among all features."""
        found, start = {}, 0
        for part, shape in self.shapes.items():
            stop = start + math.prod(shape)
            found[part], start = slice(start, stop), stop
        return found

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(name for part in self.shapes for name in self.columns(part))

    @property
    def feature_units(self) -> tuple[str, ...]:
        """Unit of each column."""
        cells = sum(math.prod(image.shape) for image in self.images)
        of_track = [_UNITS.get(name, "") for name in self.track_variables]
        of_scalars = [_UNITS.get(name, "") for name in self.scalars]
        return ("GeV",) * cells + (*of_track * self.tracks, *of_scalars, "", "GeV")

    def columns(self, part: str) -> tuple[str, ...]:
        """Names of the columns of one part.

        Args:
            part: Name of an image, `tracks`, `scalars`, `abs_eta` or `pt`.

        Raises:
            ValueError: If there is no such part.
        """
        if part not in self.shapes:
            raise ValueError(f"No part '{part}'." + did_you_mean(part, self.shapes))
        if part == "scalars":
            return self.scalars
        if part == "tracks":
            numbers = range(self.tracks)
            return tuple(
                f"track_{i}_{v}" for i in numbers for v in self.track_variables
            )
        cells = np.ndindex(self.shapes[part])
        return tuple("_".join([part, *map(str, cell)]) for cell in cells)

    def split(self, features: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Part -> array `(candidates, *shape)`; views where `features` is contiguous.

        Args:
            features: `(candidates, columns)` in the order of `feature_names`.

        Raises:
            ValueError: If the number of columns is another.
        """
        width = self.slices["pt"].stop
        if features.ndim != 2 or features.shape[1] != width:
            raise ValueError(
                f"`features` must have shape (candidates, {width}). "
                f"Received: shape {features.shape}."
            )
        rows = len(features)
        return {
            part: features[:, self.slices[part]].reshape(rows, *shape)
            for part, shape in self.shapes.items()
        }

    def join(self, arrays: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
        """The opposite of `split`: features `(candidates, columns)`.

        Args:
            arrays: Part -> array, of all parts.

        Raises:
            ValueError: If a part is missing or has another shape.
        """
        rows = len(next(iter(arrays.values()), ()))
        features = np.empty((rows, self.slices["pt"].stop), np.float32)
        for part, shape in self.shapes.items():
            received = np.shape(arrays[part]) if part in arrays else "nothing"
            if received != (rows, *shape):
                raise ValueError(
                    f"`{part}` must have shape {(rows, *shape)}. Received: {received}."
                )
            features[:, self.slices[part]] = np.reshape(arrays[part], (rows, -1))
        return features


ELECTRON_SCHEMA = ElectronSchema()
