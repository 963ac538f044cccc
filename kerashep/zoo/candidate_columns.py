"""Which features of a candidate form which image, track and scalar."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from keras import ops

from kerashep._messages import did_you_mean


class CandidateColumns:
    """Takes flat features apart: images, then tracks, then scalars.

    Images of one shape are the layers of one stack. The branches are the stacks,
    called `images_7x11` after their shape, `tracks` and `scalars`.

    Args:
        num_features: Number of all features.
        images: Name -> rows and columns of each image, in the order of the features,
            each row by row.
        tracks: Number of tracks and of variables of each; none if left out.
        scalars: Number of scalars.
        branches: Those to use; by default all there are.

    Raises:
        ValueError: If the shapes do not fill the features, or a branch is unknown.
    """

    def __init__(
        self,
        num_features: int,
        images: Mapping[str, Sequence[int]] | None,
        tracks: Sequence[int] | None,
        scalars: int,
        branches: Sequence[str] | None,
    ) -> None:
        named = {} if images is None else images
        self.images = {name: _pair(name, shape) for name, shape in named.items()}
        self.tracks = None if tracks is None else _pair("tracks", tracks)
        self.scalars = scalars
        self.num_features = num_features
        sizes = [
            *(math.prod(shape) for shape in self.images.values()),
            math.prod(self.tracks or (0,)),
            scalars,
        ]
        if scalars < 0 or sum(sizes) != num_features:
            raise ValueError(
                f"Images, tracks and scalars need {sum(sizes)} columns: images "
                f"{ {name: list(s) for name, s in self.images.items()} }, tracks "
                f"{list(self.tracks or ())}, {scalars} scalars. Received: "
                f"num_features={num_features}. Name every part of the events."
            )
        self.starts = [sum(sizes[:i]) for i in range(len(sizes) + 1)]
        self.branches = self._checked(branches)

    @property
    def available(self) -> tuple[str, ...]:
        """All branches that the features allow."""
        stacks = dict.fromkeys(map(_branch, self.images.values()))
        tracks = ("tracks",) if self.tracks else ()
        return (*stacks, *tracks, *(("scalars",) if self.scalars else ()))

    def stack(self, x: Any, branch: str) -> Any:
        """The images of a branch, `(batch, rows, columns, layers)`."""
        shapes = list(self.images.values())
        layers = [i for i, shape in enumerate(shapes) if _branch(shape) == branch]
        rows, columns = shapes[layers[0]]
        flat = [x[:, self.starts[i] : self.starts[i + 1]] for i in layers]
        images = [ops.reshape(one, (-1, rows, columns, 1)) for one in flat]
        return images[0] if len(images) == 1 else ops.concatenate(images, axis=-1)

    def track_table(self, x: Any) -> Any:
        """`(batch, tracks, variables)`."""
        flat = x[:, self.starts[-3] : self.starts[-2]]
        return ops.reshape(flat, (-1, *(self.tracks or ())))

    def scalar_row(self, x: Any) -> Any:
        """`(batch, scalars)`."""
        return x[:, self.starts[-2] :]

    def get_config(self) -> dict[str, Any]:
        """The arguments, as JSON."""
        return {
            "num_features": self.num_features,
            "images": {name: list(shape) for name, shape in self.images.items()},
            "tracks": None if self.tracks is None else list(self.tracks),
            "scalars": self.scalars,
            "branches": list(self.branches),
        }

    def _checked(self, branches: Sequence[str] | None) -> tuple[str, ...]:
        given = self.available if branches is None else tuple(branches)
        if not given or len(set(given)) != len(given):
            raise ValueError(
                "`branches` must name at least one branch, each once. "
                f"Received: branches={list(given)}."
            )
        for name in given:
            if name not in self.available:
                raise ValueError(
                    f"Unknown branch '{name}'." + did_you_mean(name, self.available)
                )
        return tuple(name for name in self.available if name in given)


def _branch(shape: tuple[int, int]) -> str:
    return f"images_{shape[0]}x{shape[1]}"


def _pair(name: str, shape: Sequence[int]) -> tuple[int, int]:
    sizes = tuple(shape)
    if len(sizes) != 2 or any(size != int(size) or size < 1 for size in sizes):
        raise ValueError(
            f"`{name}` must have two sizes, positive integers. Received: {sizes}."
        )
    return int(sizes[0]), int(sizes[1])
