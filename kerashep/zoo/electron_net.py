"""Identification of electrons by calorimeter images, tracks and scalars."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep._messages import did_you_mean
from kerashep.zoo._image_branches.parts import BranchParts
from kerashep.zoo._image_branches.plain import plain
from kerashep.zoo.blocks import feature_input
from kerashep.zoo.candidate_columns import CandidateColumns
from kerashep.zoo.candidate_inputs import CandidateInputs
from kerashep.zoo.fully_connected import FullyConnected
from kerashep.zoo.registry import register_model


@register_model("electron_net")
@kerashep_export
class ElectronNet(keras.Model):
    """One network for images, tracks and scalars, whose branches can be left out.

    Images of one shape are stacked as the channels of one convolutional network; tracks
    go through 1 x 1 convolutions, the same for each, and scalars through hidden layers.
    All that comes out goes through joint hidden layers. Other classes of the zoo,
    `electron_net_...`, differ in what stands for the convolutions.

    Energies and variables of tracks enter as `arcsinh(value / scale)`, so that noise
    and the largest cell are both seen; scalars by their quantiles, as normal numbers.

    Reference: E. O. Kahya, Identifying Electrons with Deep Learning Methods (2020),
    chapter 3, whose best values are the defaults.

    Args:
        num_features: Number of all features.
        images: Name -> rows and columns of each image, in the order of the features.
        tracks: Number of tracks and of variables of each; none by default.
        scalars: Number of scalars, which come last.
        branches: Which to use: `images_7x11` (all images of that shape), `tracks`,
            `scalars`; by default all there are. Features of the others are not read.
        classes: 2 for one signal probability; more for one probability a class.
        image_scale: Energy, in the unit of the images, where the scale turns from
            linear to logarithmic: a few times the noise of a cell.
        track_scales: The same for each variable of a track; ones by default.
        scalar_quantiles: `(scalars, n)`, of training events, see
            `kerashep.layers.QuantileTransform`; without, scalars enter as they are.
        filters: Number of filters of each convolution.
        depth: Number of convolutions in a row, or of blocks of them.
        pools: Branch of images -> rows and columns of the maximum taken after each
            convolution or block, such as `{"images_56x11": [2, 1]}`; none by default.
        units: Width of the hidden layers, those of scalars and the joint ones.
        dropout: Dropout rate after each ReLU, in `[0, 1)`.
        l2: L2 factor of all kernels and biases.
        dtype: Dtype policy of every layer but the head.
        name: Name of the model.
        trainable: Whether its weights are trained.

    Inputs:
        Dict `{"x": (batch, num_features)}`: images, tracks, scalars, each row by row,
        as they are: a scaler must leave them alone (`preprocessing.scaling: none` in a
        recipe). A track whose variables are all zero is absent.

    Output:
        Signal probability, `(batch, 1)`, or with more than two classes their
        probabilities, `(batch, classes)`; float32 under every dtype policy.

    Raises:
        ValueError: If the shapes do not fill the features, a branch is unknown, or an
            argument is out of range.

    Example:

    >>> images = {"em1": (56, 11), "em2": (7, 11), "em3": (7, 11)}
    >>> model = ElectronNet(860, images, tracks=(15, 5), scalars=15)
    >>> list(model.columns.branches)
    ['images_56x11', 'images_7x11', 'tracks', 'scalars']
    """

    takes_raw_features = True

    def __init__(
        self,
        num_features: int,
        images: Mapping[str, Sequence[int]] | None = None,
        tracks: Sequence[int] | None = None,
        scalars: int = 0,
        branches: Sequence[str] | None = None,
        classes: int = 2,
        image_scale: float = 0.1,
        track_scales: Sequence[float] | None = None,
        scalar_quantiles: Sequence[Sequence[float]] | None = None,
        filters: int = 32,
        depth: int = 3,
        pools: Mapping[str, Sequence[int]] | None = None,
        units: Sequence[int] = (100, 100, 100),
        dropout: float = 0.1,
        l2: float = 1e-7,
        dtype: Any = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        # === Arguments ===
        columns = CandidateColumns(num_features, images, tracks, scalars, branches)
        taken = CandidateInputs(columns, image_scale, track_scales, scalar_quantiles)
        parts = BranchParts(filters, depth, pools or {}, dropout, l2, dtype)
        layers = FullyConnected(units, "relu", dropout, False, l2, dtype)
        _check_pools(parts, columns)
        # === Graph ===
        x = feature_input(num_features)
        found = []
        for branch in columns.branches:
            if branch == "tracks":
                found.append(_tracks(*taken.tracks(x), parts))
            elif branch == "scalars":
                found.append(layers.hidden(taken.scalars(x), prefix="scalars_"))
            else:
                stack = taken.images(x, branch)
                found.append(self.image_branch(stack, parts, branch))
        hidden = layers.hidden(_joined(found, parts), prefix="joint_")
        output = layers.probabilities(hidden, classes)
        super().__init__(
            inputs={"x": x}, outputs=output, name=name, trainable=trainable
        )
        # === Config ===
        self.columns, self.classes = columns, classes
        self.taken, self.parts, self.stack = taken, parts, layers

    @staticmethod
    def image_branch(images: Any, parts: BranchParts, prefix: str) -> Any:
        """Features of a stack of images; other classes have another."""
        return plain(images, parts, prefix)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "trainable": self.trainable,
            "classes": self.classes,
            **self.taken.get_config(),
            **self.parts.get_config(),
            **{
                key: value
                for key, value in self.stack.get_config().items()
                if key not in ("activation", "batch_norm")
            },
        }


def _tracks(table: Any, present: Any, parts: BranchParts) -> Any:
    """The same small network for each track; nothing where there is none."""
    x = table
    for i in range(parts.depth):
        kind = keras.layers.Conv1D
        x = parts.conv(kind, parts.filters, 1, f"tracks_conv_{i}")(x)
        x = parts.relu(x, f"tracks_{i}")
    x = ops.where(present, x, ops.zeros_like(x))
    return parts.flat(x, "tracks_flat")


def _joined(found: list[Any], parts: BranchParts) -> Any:
    if len(found) == 1:
        return found[0]
    return keras.layers.Concatenate(dtype=parts.dtype, name="joined")(found)


def _check_pools(parts: BranchParts, columns: CandidateColumns) -> None:
    known = [name for name in columns.available if name.startswith("images_")]
    for name in parts.pools:
        if name not in known:
            raise ValueError(
                f"`pools` names '{name}', no branch of images."
                + did_you_mean(name, known)
            )
