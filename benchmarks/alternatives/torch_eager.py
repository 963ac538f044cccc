"""Plain PyTorch: eager mode, fused Adam, batches gathered by a shuffled index."""

from typing import Any

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from benchmarks.events import from_settings, weighted_loss
from benchmarks.worker import Work

WIDTH, DEPTH = 33, 6
UNITS = (300, 150, 100, 50)
LEARNING_RATE = 1e-3
EPSILON = 1e-7  # that of Keras


class DenseClassifier(nn.Module):
    """Logit of six layers of 33 SiLU units, each joined to its input but the last."""

    def __init__(self, features: int) -> None:
        super().__init__()
        widths = [features + WIDTH * i for i in range(DEPTH)]
        self.hidden = nn.ModuleList(nn.Linear(width, WIDTH) for width in widths)
        self.score = nn.Linear(WIDTH, 1)
        self.apply(_as_keras)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits `(batch, 1)`."""
        for layer in self.hidden[:-1]:
            x = torch.cat((nn.functional.silu(layer(x)), x), -1)
        return self.score(nn.functional.silu(self.hidden[-1](x)))


class AffinePNN(nn.Module):
    """Logit of ReLU layers, the output of each scaled and shifted by the mass."""

    def __init__(self, features: int) -> None:
        super().__init__()
        widths = (features, *UNITS)
        self.hidden = nn.ModuleList(map(nn.Linear, widths[:-1], widths[1:]))
        self.scale = nn.ModuleList(nn.Linear(1, width) for width in UNITS)
        self.shift = nn.ModuleList(nn.Linear(1, width) for width in UNITS)
        self.score = nn.Linear(UNITS[-1], 1)
        self.apply(_as_keras)
        for layer in self.scale:
            nn.init.ones_(layer.bias)

    def forward(self, x: torch.Tensor, m: torch.Tensor) -> torch.Tensor:
        """Logits `(batch, 1)`; the mass in GeV."""
        m = m / 1000
        for layer, scale, shift in zip(
            self.hidden, self.scale, self.shift, strict=True
        ):
            x = torch.relu(layer(x)) * scale(m) + shift(m)
        return self.score(x)


class TorchEager(Work):
    """A training loop as short as it can be; the network is new for each run."""

    packages = ("torch",)

    def __init__(self, settings: dict[str, Any]) -> None:
        torch.set_num_threads(1)
        self.settings = settings
        sample, self.held_out = from_settings(settings)
        self.inputs = [torch.from_numpy(a) for a in sample.inputs.values()]
        self.y = torch.from_numpy(sample.y)
        self.w = torch.from_numpy(sample.w)[:, None]

    def prepare(self, name: str) -> None:  # noqa: ARG002
        """A new network and optimizer."""
        torch.manual_seed(0)
        dense = self.settings["network"] == "dense"
        network = DenseClassifier if dense else AffinePNN
        self.network = network(self.settings["features"])
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), lr=LEARNING_RATE, eps=EPSILON, fused=True
        )

    def run(self, name: str) -> None:  # noqa: ARG002
        """Trains."""
        size = self.settings["batch_size"]
        for _ in range(self.settings["epochs"]):
            for index in torch.randperm(len(self.y)).split(size):
                self.optimizer.zero_grad()
                logits = self.network(*(a[index] for a in self.inputs))
                loss = binary_cross_entropy_with_logits(
                    logits, self.y[index], weight=self.w[index]
                )
                loss.backward()
                self.optimizer.step()

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """Loss on held-out events."""
        inputs = [torch.from_numpy(a) for a in self.held_out.inputs.values()]
        with torch.no_grad():
            scores = torch.sigmoid(self.network(*inputs)).numpy()
        return {"held_out_loss": weighted_loss(scores, self.held_out)}


def _as_keras(layer: nn.Module) -> None:
    """Initial values as Keras' `Dense` has them."""
    if isinstance(layer, nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)


def build(settings: dict[str, Any]) -> TorchEager:
    """Called by the worker."""
    return TorchEager(settings)
