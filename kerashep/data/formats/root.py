"""Flat and jagged branches of ROOT trees (TTree, RNTuple) by uproot."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import uproot

from kerashep._messages import did_you_mean
from kerashep.data.formats.table_info import (
    DECLARE_LISTS,
    Table,
    TableError,
    TableInfo,
    decode_text,
)

_TREE_CLASSES = ("TTree", "TNtuple", "TNtupleD", "RNTuple")
_FLAT_FIELDS = (
    "float",
    "double",
    "bool",
    "char",
    "int",
    "long",
    "short",
    "real",
    "string",
)


def describe(path: Path, tree: str | None) -> TableInfo:
    """Branches and entries of the only tree, or of `tree`."""
    with uproot.open(path) as file:
        _check_length(path, file)
        table = _find_tree(path, file, tree)
        reasons = {name: _why_not_flat(table[name]) for name in table.keys()}  # noqa: SIM118
        lists = tuple(name for name in reasons if _is_list(table[name]))
        rows, name = int(table.num_entries), str(table.name)
    names = tuple(branch for branch, reason in reasons.items() if not reason)
    refused = {branch: reason for branch, reason in reasons.items() if reason}
    refused |= {name: refused[name] + DECLARE_LISTS for name in lists}
    return TableInfo(names=names, rows=rows, refused=refused, lists=lists, tree=name)


def chunks(
    path: Path, columns: Sequence[str], tree: str | None, rows: int | None
) -> Iterator[Table]:
    """Chunks of at most `rows` entries, all of them at once if `None`."""
    wanted = set(columns)
    with uproot.open(path) as file:
        table = _find_tree(path, file, tree)
        lists = {name for name in wanted if _is_list(table[name])}
        step = rows or max(1, int(table.num_entries))
        flat = _parts(table, wanted - lists, step, "np")
        jagged = _parts(table, lists, step, "ak")
        # Either alone decides how many chunks there are; both have equal steps.
        for part, extra in itertools.zip_longest(flat, jagged):
            yield {
                name: extra[name] if name in lists else decode_text(part[name])
                for name in columns
            }


def _parts(table: Any, names: set[str], step: int, library: str) -> Iterator[Any]:
    """Chunks of `step` entries of some branches; none of no branches."""
    if not names:
        return iter(())
    parts: Iterator[Any] = table.iterate(
        filter_name=names.__contains__, step_size=step, library=library
    )
    return parts


def _check_length(path: Path, file: Any) -> None:
    """A file cut at its end may still open: the header says how long it should be."""
    expected, received = int(file.file.fEND), path.stat().st_size
    if received < expected:
        raise TableError(
            f"'{path}' is a truncated ROOT file: {received} bytes of {expected}. "
            "Copy or produce it again."
        )


def _find_tree(path: Path, file: Any, tree: str | None) -> Any:
    classes = file.classnames(cycle=False)
    trees = [
        name
        for name, kind in classes.items()
        if kind.rpartition("::")[2] in _TREE_CLASSES
    ]
    if tree is not None:
        if tree not in trees:
            raise TableError(
                f"'{path}' has no tree '{tree}'." + did_you_mean(tree, trees)
            )
        return file[tree]
    if len(trees) != 1:
        raise TableError(
            f"'{path}' has {len(trees)} trees; expected one, or its name as `tree`. "
            f"Received: {', '.join(sorted(trees)) or 'none'}."
        )
    return file[trees[0]]


def _is_list(branch: Any) -> bool:
    """Whether a branch holds a list of numbers an entry."""
    interpretation = getattr(branch, "interpretation", None)
    if interpretation is None:
        kind = str(getattr(branch, "typename", None))
        inner = kind.removeprefix("std::vector<").removesuffix(">")
        plain = inner.removeprefix("std::").removesuffix("_t").rstrip("0123456789")
        return inner != kind and plain.removeprefix("u") in _FLAT_FIELDS[:-1]
    if isinstance(interpretation, uproot.AsJagged):
        content = interpretation.content
        plain_content = isinstance(content, uproot.AsDtype)
        return plain_content and not content.inner_shape and _is_plain(content)
    if isinstance(interpretation, uproot.AsDtype):
        return len(interpretation.inner_shape) == 1 and _is_plain(interpretation)
    return False


def _is_plain(interpretation: Any) -> bool:
    """Whether values are numbers, not structures."""
    return interpretation.to_dtype.base.names is None


def _why_not_flat(branch: Any) -> str:
    """Empty for one value an entry, otherwise what the branch holds."""
    kind = str(getattr(branch, "typename", None))
    interpretation = getattr(branch, "interpretation", None)
    if interpretation is None:
        plain = kind.removeprefix("std::").removesuffix("_t").rstrip("0123456789")
        flat = plain.removeprefix("u") in _FLAT_FIELDS
    elif isinstance(interpretation, uproot.AsDtype):
        flat = interpretation.to_dtype.names is None and not interpretation.inner_shape
    else:
        flat = isinstance(interpretation, uproot.AsStrings)
    if flat:
        return ""
    return (
        f"is a jagged or structured branch ({kind}), not one value an event; write a "
        "flat branch (for example the first jet's pt) or one branch a position"
    )
