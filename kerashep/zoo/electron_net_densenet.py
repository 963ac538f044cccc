"""Electron identification with densely connected convolutions."""

from typing import Any

from kerashep._export import kerashep_export
from kerashep.zoo._image_branches.densely_connected import densely_connected
from kerashep.zoo._image_branches.parts import BranchParts
from kerashep.zoo.electron_net import ElectronNet
from kerashep.zoo.registry import register_model


@register_model("electron_net_densenet")
@kerashep_export
class ElectronNetDenseNet(ElectronNet):
    """`ElectronNet` with densely connected convolutions for its images.

    In each of the `depth` blocks four convolutions see the output of all before them.

    Reference: [Huang et al., 2017](https://arxiv.org/abs/1608.06993).
    """

    @staticmethod
    def image_branch(images: Any, parts: BranchParts, prefix: str) -> Any:
        return densely_connected(images, parts, prefix)
