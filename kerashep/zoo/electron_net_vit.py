"""Electron identification with a vision transformer."""

from typing import Any

from kerashep._export import kerashep_export
from kerashep.zoo._image_branches.parts import BranchParts
from kerashep.zoo._image_branches.transformer import transformer
from kerashep.zoo.electron_net import ElectronNet
from kerashep.zoo.registry import register_model


@register_model("electron_net_vit")
@kerashep_export
class ElectronNetViT(ElectronNet):
    """`ElectronNet` with a vision transformer for its images.

    Patches of the images attend to each other in `depth` blocks; `filters` is the
    width. A patch is the window of `pools` to the power of `depth`, which is what
    convolutions with these pools make one number of: 8 x 1 cells for `[2, 1]` and three
    blocks.

    Reference: [Dosovitskiy et al., 2020](https://arxiv.org/abs/2010.11929).
    """

    @staticmethod
    def image_branch(images: Any, parts: BranchParts, prefix: str) -> Any:
        return transformer(images, parts, prefix)
