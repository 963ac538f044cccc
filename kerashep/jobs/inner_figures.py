"""Figures of the inside of a network: embeddings, and what a parallel one rests on."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.evaluation import plots
from kerashep.jobs.figure import Figure
from kerashep.training.cartesian_section import component_names
from kerashep.training.recipe import Recipe
from kerashep.zoo.ensemble import Ensemble
from kerashep.zoo.parallel_net import ParallelNet
from kerashep.zoo.preprocessed import Preprocessed
from kerashep.zoo.reliance import block_reliance, bottleneck_reliance

MOST_EVENTS = 20_000


def inner_figures(recipe: Recipe, model: keras.Model, test: Events) -> list[Figure]:
    """Learnt categories, and reliance of a parallel network; nothing for other models.

    Args:
        recipe: Says which features become components.
        model: Served model, which takes raw features; of an ensemble the first member
            is shown.
        test: Test events, raw.
    """
    member, steps = _inside(model)
    momenta = recipe.preprocessing.cartesian
    names = test.feature_names
    if momenta:
        names = component_names(momenta, names)
    frame = getattr(model, "frame", None)
    if frame is not None:
        left_out = frame.vectors[frame.reference][1]
        names = tuple(name for i, name in enumerate(names) if i != left_out)
    figures = _embeddings(member, names, test.provenance)
    if isinstance(member, ParallelNet):
        x = _through(steps, test.features[:MOST_EVENTS])
        figures += _reliance(member, x, names, test)
    return figures


def _inside(model: keras.Model) -> tuple[keras.Model, list[keras.layers.Layer]]:
    """The (first) network, and the layers that raw features go through before it."""
    if isinstance(model, Preprocessed):
        member, steps = _inside(model.model)
        return member, [model.standardization, *steps]
    if isinstance(model, Ensemble):
        member, steps = _inside(model.members[0])
        front = (model.cartesian, model.frame, model.standardization)
        return member, [*(one for one in front if one is not None), *steps]
    return model, []


def _through(
    steps: list[keras.layers.Layer], features: NDArray[np.float32]
) -> NDArray[np.float32]:
    x: Any = features
    for step in steps:
        x = step(x)
    return np.asarray(x, "float32")


def _embeddings(
    member: keras.Model, names: tuple[str, ...], provenance: str
) -> list[Figure]:
    embedding = getattr(member, "embedding", None)
    if embedding is None:
        return []
    found = []
    tables = zip(
        member.categorical_columns,
        embedding.tables,
        embedding.cardinalities,
        strict=True,
    )
    for column, table, count in tables:
        rows = [f"{names[column]} = {i}" for i in range(count)]
        rows += ["unknown"] * (table.shape[0] - count)
        drawing = plots.plot_embedding(
            np.asarray(table), rows, provenance, subject=names[column]
        )
        caption = "The vector that the network reads in the place of each category."
        title = f"Embedding of {names[column]}"
        found.append(Figure(f"embedding_{names[column]}", title, caption, drawing))
    return found


def _reliance(
    member: ParallelNet, x: NDArray[np.float32], names: tuple[str, ...], test: Events
) -> list[Figure]:
    label, weight = test.label[: len(x)], test.weight[: len(x)]
    blocks = block_reliance(member, x)
    drawing = plots.plot_block_reliance(
        blocks.wide, blocks.deep, label, weight, test.provenance
    )
    caption = f"Part of the logit that each block makes, of {len(x):,} test events."
    found = [Figure("block_reliance", "Reliance on blocks", caption, drawing)]
    if member.split != "bottleneck":
        return found
    for block, carried in bottleneck_reliance(member, x).items():
        inputs = [names[i] for i in carried.features]
        boxes = plots.plot_bottleneck_reliance(
            carried.reliance, inputs, test.provenance, subject=f"{block} bottleneck"
        )
        caption = "Boxes: the middle half of the test events; whiskers: 90 %."
        title = f"What the {block} bottleneck is made of"
        found.append(Figure(f"bottleneck_{block}", title, caption, boxes))
        output = plots.plot_bottleneck_output(
            carried.output, label, weight, test.provenance, subject=block
        )
        title = f"What the {block} bottleneck passes on"
        caption = "Behind the activation, by class and weight."
        found.append(Figure(f"bottleneck_{block}_output", title, caption, output))
    return found
