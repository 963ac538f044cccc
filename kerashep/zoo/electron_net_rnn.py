"""Electron identification with the images as a sequence."""

from typing import Any

from kerashep._export import kerashep_export
from kerashep.zoo._image_branches.parts import BranchParts
from kerashep.zoo._image_branches.recurrent import recurrent
from kerashep.zoo.electron_net import ElectronNet
from kerashep.zoo.registry import register_model


@register_model("electron_net_rnn")
@kerashep_export
class ElectronNetRNN(ElectronNet):
    """`ElectronNet` that reads its images as a sequence.

    Each image of a branch goes through one convolutional network, the same for all, and
    an LSTM reads what comes out from the first layer to the last. A branch of one image
    has no LSTM.

    Reference: [Donahue et al., 2015](https://arxiv.org/abs/1411.4389).
    """

    @staticmethod
    def image_branch(images: Any, parts: BranchParts, prefix: str) -> Any:
        return recurrent(images, parts, prefix)
