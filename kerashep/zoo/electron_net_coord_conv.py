"""Electron identification with convolutions that see their place."""

from typing import Any

from kerashep._export import kerashep_export
from kerashep.zoo._image_branches.parts import BranchParts
from kerashep.zoo._image_branches.plain import coordinates
from kerashep.zoo.electron_net import ElectronNet
from kerashep.zoo.registry import register_model


@register_model("electron_net_coord_conv")
@kerashep_export
class ElectronNetCoordConv(ElectronNet):
    """`ElectronNet` whose convolutions see row and column.

    Its convolutions are `kerashep.layers.CoordConv`.

    Reference: [Liu et al., 2018](https://arxiv.org/abs/1807.03247).
    """

    @staticmethod
    def image_branch(images: Any, parts: BranchParts, prefix: str) -> Any:
        return coordinates(images, parts, prefix)
