"""Features of particle groups from chunks of a file."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.faults import Faults
from kerashep.data.particle_group import ParticleGroup

_FIX = "Remove or repair these events."


class ParticleBlocks:
    """Pads the particles of one chunk after another and remembers what was left out.

    Args:
        groups: In the order of their features.
    """

    def __init__(self, groups: Sequence[ParticleGroup]) -> None:
        self.groups = tuple(groups)
        self._events = 0
        self._truncated = [0] * len(self.groups)
        self._lost = np.zeros((len(self.groups), 2))

    def features(
        self, chunk: Mapping[str, Any], faults: Faults, *, first_row: int
    ) -> list[NDArray[np.float32]]:
        """`(events, 4 * count)` of each group.

        Args:
            chunk: Column -> lists or numbers.
            faults: Receives the values that cannot be used.
            first_row: Number of the chunk's first event.

        Raises:
            ValueError: If lists of one event differ in length, or hold no numbers.
        """
        from kerashep.data.particles import padded_particles

        blocks = []
        for i, group in enumerate(self.groups):
            try:
                padded = padded_particles(group, chunk, first_row)
            except ValueError as error:
                raise ValueError(f"'{faults.path}': {error}") from error
            for (column, what), counts in padded.faults.items():
                faults.note(column, counts, what, _FIX, first_row=first_row)
            self._truncated[i] += padded.truncated
            self._lost[i] += padded.lost_pt, padded.total_pt
            blocks.append(padded.vectors.reshape(len(padded.vectors), -1))
        if blocks:
            self._events += len(blocks[0])
        return blocks

    def warn_of_truncation(self, path: Path) -> None:
        """Warns, once for all chunks, of particles beyond a group's `count`.

        Args:
            path: The file.
        """
        for group, truncated, (lost, total) in zip(
            self.groups, self._truncated, self._lost, strict=True
        ):
            if truncated:
                from kerashep.data.particles import truncation_text

                text = truncation_text(group, truncated, self._events, lost, total)
                warnings.warn(f"'{path}': {text}", stacklevel=4)
