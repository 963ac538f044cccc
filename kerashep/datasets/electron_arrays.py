"""Arrays of a file of electron candidates, by the names of the schema's parts."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.arrays import Arrays
from kerashep.data.faults import Faults
from kerashep.datasets.electron_schema import TRACK_VARIABLES

LISTS = tuple(f"track_{name}" for name in TRACK_VARIABLES)


class ElectronArrays:
    """An opened file.

    Args:
        path: Of the file, for messages.
        arrays: What it offers.
        names: Part -> name of its array, where that is another.

    Attributes:
        rows: Number of candidates.
    """

    def __init__(self, path: Path, arrays: Arrays, names: Mapping[str, str]) -> None:
        self.path = path
        self._arrays = arrays
        self._names = names
        self.rows = len(self._read("pt"))
        if not self.rows:
            raise ValueError(
                f"'{path}' has no candidates: '{self.name('pt')}' is empty."
            )

    def name(self, part: str) -> str:
        """Name of a part's array."""
        return self._names.get(part, part)

    def has(self, part: str) -> bool:
        """Whether the file has an array for a part."""
        return self.name(part) in self._arrays.names

    def numbers(self, part: str) -> NDArray[Any]:
        """One number a candidate, `(candidates,)`."""
        return self._regular(part, ())

    def image(self, part: str, shape: tuple[int, int]) -> NDArray[Any]:
        """An image `(candidates, *shape)`; flattened ones are accepted.

        Args:
            part: Its name.
            shape: Cells in pseudorapidity and azimuth.
        """
        return self._regular(part, shape)

    def scalars(self, names: Sequence[str]) -> NDArray[Any]:
        """Scalars `(candidates, len(names))`, from one array or one for each.

        Args:
            names: Of the scalars.
        """
        if self.has("scalars"):
            return self._regular("scalars", (len(names),))
        return np.stack([self.numbers(name) for name in names], axis=1)

    def tracks(self, most: int, faults: Faults) -> NDArray[np.float32]:
        """Tracks `(candidates, most, 5)` by falling momentum, padded with zeros.

        Args:
            most: How many are kept.
            faults: Takes note of unusable values.
        """
        row, flat = self._checked_tracks(faults)
        order = np.lexsort((-flat[:, 0], row))
        row, flat = row[order], flat[order]
        counts = np.bincount(row, minlength=self.rows)
        place = np.arange(len(row)) - (np.cumsum(counts) - counts)[row]
        padded = np.zeros((self.rows, most, flat.shape[1]), np.float32)
        padded[row[place < most], place[place < most]] = flat[place < most]
        return padded

    def _checked_tracks(
        self, faults: Faults
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Candidates of the tracks that are not zeros, and their variables."""
        row, columns = self._track_rows()
        pt, charge, *_ = names = list(columns)
        for name in names:
            bad = ~np.isfinite(columns[name])
            self._note(faults, name, row[bad], "NaN or infinite values")
        flat = np.stack(list(columns.values()), axis=1).astype(np.float32)
        present = flat[:, 0] != 0
        row, flat = row[present], flat[present]
        self._note(faults, pt, row[flat[:, 0] < 0], "negative momenta")
        wrong = np.isfinite(flat[:, 1]) & (np.abs(flat[:, 1]) != 1)
        self._note(faults, charge, row[wrong], "values other than 1 and -1")
        return row, flat

    def _note(
        self, faults: Faults, name: str, rows: NDArray[np.intp], what: str
    ) -> None:
        """Notes faults of tracks, of which each of `rows` has one."""
        counts = np.bincount(rows, minlength=self.rows)
        fix = "Remove or repair these tracks; absent ones are left out, or all zeros."
        faults.note(name, counts, what, fix, first_row=0)

    def _track_rows(self) -> tuple[NDArray[np.intp], dict[str, NDArray[Any]]]:
        """Candidate of each track, and column -> its values."""
        import awkward as ak

        if not self.has("tracks"):
            return self._track_lists()
        array = self._read("tracks")
        shape = _shape(array)
        if len(shape) != 2 or shape[1] != len(LISTS):
            raise self._wrong("tracks", f"(any, {len(LISTS)})", array)
        counts = ak.to_numpy(ak.num(array, axis=1))
        values = ak.to_numpy(ak.flatten(array, axis=1))
        names = [f"{self.name('tracks')}[..., {i}]" for i in range(len(LISTS))]
        row = np.repeat(np.arange(self.rows), counts)
        return row, dict(zip(names, values.T, strict=True))

    def _track_lists(self) -> tuple[NDArray[np.intp], dict[str, NDArray[Any]]]:
        """The same from one list for each variable."""
        import awkward as ak

        columns: dict[str, NDArray[Any]] = {}
        lengths = []
        for part in LISTS:
            array = self._read(part)
            if len(_shape(array)) != 1:
                raise self._wrong(part, "(any)", array)
            lengths.append(ak.to_numpy(ak.num(array, axis=1)))
            columns[self.name(part)] = ak.to_numpy(ak.flatten(array, axis=1))
            differs = lengths[-1] != lengths[0]
            if differs.any():
                at = int(np.argmax(differs))
                raise ValueError(
                    f"Lists of tracks of '{self.path}' must have equal lengths. In row "
                    f"{at} '{self.name(LISTS[0])}' has {lengths[0][at]} and "
                    f"'{self.name(part)}' {lengths[-1][at]}."
                )
        return np.repeat(np.arange(self.rows), lengths[0]), columns

    def _regular(self, part: str, shape: tuple[int, ...]) -> NDArray[Any]:
        import awkward as ak

        array = self._read(part)
        if _shape(array) not in (shape, (math.prod(shape),)):
            raise self._wrong(part, str(shape), array)
        values: NDArray[Any] = ak.to_numpy(array)
        return values.reshape(len(values), *shape)

    def _read(self, part: str) -> Any:
        name = self.name(part)
        if name not in self._arrays.names:
            raise ValueError(
                f"'{self.path}' has no array '{name}' for `{part}`. Add it, or give "
                f"its name as `names={{'{part}': ...}}`."
                + did_you_mean(name, self._arrays.names)
            )
        array = self._arrays.read(name)
        rows = getattr(self, "rows", len(array))
        if len(array) != rows:
            raise ValueError(
                f"'{name}' of '{self.path}' has {len(array)} entries; expected {rows}, "
                f"one for each of '{self.name('pt')}'."
            )
        return array

    def _wrong(self, part: str, expected: str, array: Any) -> ValueError:
        shape = ", ".join("any" if n is None else str(n) for n in _shape(array))
        return ValueError(
            f"'{self.name(part)}' of '{self.path}' must have shape {expected} a "
            f"candidate. Received: ({shape})."
        )


def _shape(array: Any) -> tuple[int | None, ...]:
    """Shape of an entry; None where entries differ."""
    import awkward as ak

    sizes: list[int | None] = []
    for axis in range(1, array.ndim):
        counts = ak.to_numpy(ak.flatten(ak.num(array, axis=axis), axis=None))
        alike = len(counts) > 0 and bool((counts == counts[0]).all())
        sizes.append(int(counts[0]) if alike else None)
    return tuple(sizes)
