"""Electron identification with the images as a volume."""

from typing import Any

from kerashep._export import kerashep_export
from kerashep.zoo._image_branches.parts import BranchParts
from kerashep.zoo._image_branches.volumetric import volumetric
from kerashep.zoo.electron_net import ElectronNet
from kerashep.zoo.registry import register_model


@register_model("electron_net_3d")
@kerashep_export
class ElectronNet3D(ElectronNet):
    """`ElectronNet` that convolves its images as a volume.

    Filters of 3 x 3 x 3, the layers of the calorimeter being the third axis; a branch
    of one image has filters of 3 x 3.

    Reference: [Yao et al., 2015](https://arxiv.org/abs/1502.08029).
    """

    @staticmethod
    def image_branch(images: Any, parts: BranchParts, prefix: str) -> Any:
        return volumetric(images, parts, prefix)
