"""Lists of particles in files, where a model takes padded four-momenta."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerashep.data.faults import Faults
from kerashep.data.formats.table_info import TableInfo
from kerashep.data.particle_blocks import ParticleBlocks
from kerashep.data.particle_group import ParticleGroup, particle_names
from kerashep.export.served_model_info import ServedModelInfo


class ParticleColumns:
    """The groups of a model that are read from lists of a file.

    A file that has the features themselves, one column each, is read as any other.

    Args:
        path: The file.
        table: Its columns.
        info: Description of the model; None if it has none.
        columns: Feature -> column of the file.

    Attributes:
        names: Features that come from lists.
        columns: Columns to read for them.
    """

    def __init__(
        self,
        path: str | Path,
        table: TableInfo,
        info: ServedModelInfo | None,
        columns: Mapping[str, str],
    ) -> None:
        self.path = Path(path)
        readable = {*table.names, *table.lists}
        groups = [
            group
            for group in (() if info is None else particle_groups(info))
            if readable.issuperset(group.columns)
            and not {columns[name] for name in particle_names(group)} <= {*table.names}
        ]
        self._blocks = ParticleBlocks(groups)
        self.names = tuple(name for group in groups for name in particle_names(group))
        self.columns = tuple(column for group in groups for column in group.columns)

    def needed(self, columns: Mapping[str, str]) -> list[str]:
        """Columns to read for all features.

        Args:
            columns: Feature -> column of the file.
        """
        flat = [column for name, column in columns.items() if name not in self.names]
        return [*flat, *self.columns]

    def expanded(
        self, chunk: Mapping[str, Any], columns: Mapping[str, str], *, first_row: int
    ) -> dict[str, Any]:
        """The chunk with a column for each feature that comes from lists.

        Args:
            chunk: Column -> values.
            columns: Feature -> column of the file.
            first_row: Number of its first event, for messages.

        Raises:
            ValueError: If particles cannot be used.
        """
        faults = Faults(self.path)
        blocks = self._blocks.features(chunk, faults, first_row=first_row)
        faults.raise_all()
        found = dict(chunk)
        for group, block in zip(self._blocks.groups, blocks, strict=True):
            for name, values in zip(particle_names(group), block.T, strict=True):
                found[columns[name]] = values
        return found

    def warn_of_truncation(self) -> None:
        """Warns of particles beyond those that the model takes."""
        self._blocks.warn_of_truncation(self.path)


def particle_groups(info: ServedModelInfo) -> tuple[ParticleGroup, ...]:
    """Groups of particles of a model.

    Args:
        info: Description of the model.
    """
    return tuple(ParticleGroup(**group) for group in info.particles)


def lists_in_words(info: ServedModelInfo | None) -> str:
    """Sentence on the lists that would do instead of features; empty without any.

    Args:
        info: Description of the model; None if it has none.
    """
    groups = () if info is None else particle_groups(info)
    lists = dict.fromkeys(column for group in groups for column in group.columns)
    return f" The particles may also be there as lists: {', '.join(lists)}." * any(
        lists
    )
