"""Electron identification with wide residual blocks for the images."""

from typing import Any

from kerashep._export import kerashep_export
from kerashep.zoo._image_branches.parts import BranchParts
from kerashep.zoo._image_branches.residual import wide_residual
from kerashep.zoo.electron_net import ElectronNet
from kerashep.zoo.registry import register_model


@register_model("electron_net_wide_resnet")
@kerashep_export
class ElectronNetWideResNet(ElectronNet):
    """`ElectronNet` with wide residual blocks for its images.

    Four times as many filters as `filters`, and batch normalisation before each
    convolution.

    Reference: [Zagoruyko and Komodakis, 2016](https://arxiv.org/abs/1605.07146).
    """

    @staticmethod
    def image_branch(images: Any, parts: BranchParts, prefix: str) -> Any:
        return wide_residual(images, parts, prefix)
