"""Electron identification with residual blocks for the images."""

from typing import Any

from kerashep._export import kerashep_export
from kerashep.zoo._image_branches.parts import BranchParts
from kerashep.zoo._image_branches.residual import residual
from kerashep.zoo.electron_net import ElectronNet
from kerashep.zoo.registry import register_model


@register_model("electron_net_resnet")
@kerashep_export
class ElectronNetResNet(ElectronNet):
    """`ElectronNet` with residual blocks for its images.

    Each of the `depth` blocks adds to its input what two convolutions with batch
    normalisation make of it.

    Reference: [He et al., 2016](https://arxiv.org/abs/1512.03385).
    """

    @staticmethod
    def image_branch(images: Any, parts: BranchParts, prefix: str) -> Any:
        return residual(images, parts, prefix)
