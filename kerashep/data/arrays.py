"""Arrays of any shape, an entry an event, in HDF5 and ROOT files.

Beside the tables of numbers of `kerashep.data.tables`: images, and lists of unequal
length.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerashep._messages import did_you_mean
from kerashep.data.formats.table_info import TableError
from kerashep.data.tables import detect_format, table_info


@dataclass(frozen=True)
class Arrays:
    """What an opened file offers.

    Args:
        names: Of its arrays.
        read: Name -> awkward array, one entry an event.
    """

    names: tuple[str, ...]
    read: Callable[[str], Any]


@contextmanager
def open_arrays(path: str | Path, tree: str | None = None) -> Iterator[Arrays]:
    """Opens an HDF5 or ROOT file while the context lasts.

    Args:
        path: The file.
        tree: ROOT tree, needed where there are several, or HDF5 group; the file's own
            datasets by default.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is of another format, damaged, or has no such tree.
    """
    path = Path(path)
    kind = detect_format(path)
    opened = {"hdf5": _hdf5, "root": _root}
    if kind not in opened:
        raise TableError(
            f"'{path}' is {kind}; expected HDF5 or ROOT, which hold images and lists."
        )
    with opened[kind](path, tree) as arrays:
        yield arrays


@contextmanager
def _hdf5(path: Path, tree: str | None) -> Iterator[Arrays]:
    import awkward as ak
    import h5py

    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise TableError(
            f"'{path}' cannot be read as HDF5 ({error}). It may be truncated or "
            "damaged: copy or produce it again."
        ) from error
    with file:
        group = file if tree is None else file.get(tree)
        if not isinstance(group, h5py.Group):
            groups = [name for name in file if isinstance(file[name], h5py.Group)]
            raise TableError(
                f"'{path}' has no group '{tree}'." + did_you_mean(str(tree), groups)
            )

        def read(name: str) -> Any:
            values = group[name][...]
            # Lists of unequal length are arrays of arrays.
            return ak.from_iter(values) if values.dtype == object else ak.Array(values)

        names = (name for name in group if isinstance(group[name], h5py.Dataset))
        yield Arrays(tuple(names), read)


@contextmanager
def _root(path: Path, tree: str | None) -> Iterator[Arrays]:
    import uproot

    info = table_info(path, tree)
    with uproot.open(path) as file:
        table = file[info.tree]
        yield Arrays((*info.names, *info.refused), lambda name: table[name].array())
