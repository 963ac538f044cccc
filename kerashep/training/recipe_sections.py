"""The sections of a recipe, each with its keys, defaults and rules."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from kerashep.data.column_map import ColumnMap

Fraction = Annotated[float, Field(gt=0, le=1)]


class Section(BaseModel):
    """Base of all sections: immutable, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def refuse_foreign_keys(
    section: Section, choice: str, chosen: str, keys: Mapping[str, Sequence[str]]
) -> None:
    """Raises if a key is given that does not belong to what a section has chosen.

    Args:
        section: A key that has its default counts as not given.
        choice: The key that chooses, for example `optimizer`.
        chosen: Its value.
        keys: Value -> keys that belong to it.
    """
    for key in sorted({key for names in keys.values() for key in names}):
        value = getattr(section, key)
        if key in keys[chosen] or value == type(section).model_fields[key].default:
            continue
        owners = [name for name, names in keys.items() if key in names]
        raise ValueError(
            f"`{key}` does not apply to `{choice}: {chosen}`, only to "
            f"{', '.join(owners)}. Received: {key}={value!r}."
        )


class ModelSection(Section):
    """Which model is trained.

    Attributes:
        name: Registered model, see `kerashep.zoo.list_models()`.
        arguments: Constructor arguments, besides the numbers of features and
            parameters, which follow from the events.
    """

    name: str
    arguments: dict[str, Any] = {}


class SplitSection(Section):
    """How events are divided.

    Attributes:
        fractions: Of all events, adding up to 1: `train`, and any of `validation`
            (early stopping and learning curves) and `test` (evaluation).
        by: `seed` shuffles; `event_id` lets a hash of the id decide, so that an event
            stays where it is when the sample grows. For events with ids of their own:
            files with `columns.event_id`, and the data set `higgsml`.
        seed: Seed of the division; the training seed does not change it.
    """

    fractions: dict[Literal["train", "validation", "test"], Fraction] = {
        "train": 0.6,
        "validation": 0.1,
        "test": 0.3,
    }
    by: Literal["seed", "event_id"] = "seed"
    seed: int = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        total = sum(self.fractions.values())
        if "train" not in self.fractions or abs(total - 1) > 1e-6:
            raise ValueError(
                "`fractions` must give `train` a part and add up to 1; leave out what "
                f"is not wanted. Received: {dict(self.fractions)}."
            )
        return self


class DataSection(Section):
    """Which events are used.

    Attributes:
        dataset: A named data set, see `kerashep.datasets.list_datasets()`, or `file`.
        arguments: Arguments of the named data set's loader.
        paths: Files to read if `dataset` is `file`; relative to the recipe's folder.
        folder: Where the files of a named data set such as `hepmass` are; relative to
            the recipe's folder. `--data FOLDER` sets it.
        columns: How to read files: those of `paths`, or the user's `--data`.
        provenance: What such files hold: `real`, `pythia` or `simulated`.
        split: How events are divided.
        negative_weights: What to do with negative physics weights.
        training_weights: How training weights derive from physics weights.
    """

    dataset: str
    arguments: dict[str, Any] = {}
    paths: tuple[str, ...] = ()
    folder: str | None = None
    columns: ColumnMap | None = None
    provenance: Literal["real", "pythia", "simulated"] | None = None
    split: SplitSection = SplitSection()
    negative_weights: Literal["error", "drop", "absolute", "keep"] = "error"
    training_weights: Literal[
        "physics_normalised", "balanced", "balanced_parameters", "flat"
    ] = "physics_normalised"

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in ("seed", "path"):
            if name in self.arguments:
                raise ValueError(
                    f"`arguments.{name}` cannot be set: use `data.split.seed` for the "
                    "seed of simulated events, and `data.folder` or --data for files."
                )
        has_ids = self.columns is not None and self.columns.event_id is not None
        if self.split.by == "event_id" and self.dataset == "file" and not has_ids:
            raise ValueError(
                "`split.by: event_id` needs the column of the ids: name it in "
                "`columns.event_id`."
            )
        if self.dataset == "file":
            if self.columns is None:
                raise ValueError("`dataset: file` needs `columns`, the column map.")
            if self.arguments:
                raise ValueError(
                    "`arguments` belong to a named data set and have no effect on "
                    f"files. Received: arguments={self.arguments}."
                )
            if self.folder is not None:
                raise ValueError(
                    "`folder` belongs to a named data set; files are named by `paths`. "
                    f"Received: folder='{self.folder}'."
                )
        elif self.paths:
            raise ValueError(
                "`paths` need `dataset: file`; the folder of a named data set is given "
                f"by `folder` or --data. Received: dataset='{self.dataset}'."
            )
        return self


class PreprocessingSection(Section):
    """What happens to features before the network; part of the saved model.

    Attributes:
        log_features: Features x that become sign(x) log(1 + |x|) before they are
            standardised.
    """

    log_features: tuple[str, ...] = ()


class BackgroundMassSection(Section):
    """Which mass hypothesis background events get in training.

    Models without a mass input do not use it. Reference: [Anzalone et al.,
    2022](https://arxiv.org/abs/2202.00424), section 4.2.

    Attributes:
        distribution: `identical` to the signal's, `uniform` between its lowest and
            highest, or `binned` in a reconstructed mass.
        assignment: `fixed` once, or `sampled` anew for each batch.
        reconstructed: The feature to bin in, for `binned`.
    """

    distribution: Literal["identical", "uniform", "binned"] = "identical"
    assignment: Literal["fixed", "sampled"] = "sampled"
    reconstructed: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.distribution == "binned") != (self.reconstructed is not None):
            raise ValueError(
                "`reconstructed` names the feature to bin in, for `distribution: "
                f"binned` only. Received: distribution='{self.distribution}', "
                f"reconstructed={self.reconstructed!r}."
            )
        if self.distribution == "binned" and self.assignment == "sampled":
            raise ValueError(
                "`distribution: binned` follows from each event and leaves nothing to "
                "sample: set `assignment: fixed`. Received: assignment='sampled'."
            )
        return self


class EarlyStoppingSection(Section):
    """When to stop before the last epoch; the best weights are restored.

    Attributes:
        patience: Epochs without improvement.
        monitor: `val_auc` (mean over masses), `val_loss` or `loss`.
        min_delta: Smallest change that counts as improvement.
    """

    patience: PositiveInt = 5
    monitor: Literal["val_auc", "val_loss", "loss"] = "val_auc"
    min_delta: Annotated[float, Field(ge=0)] = 0.0


class InterpolationSection(Section):
    """Retraining without some masses.

    Attributes:
        drop: Lists of masses in GeV, for example `[[750], [1000], [750, 1250]]`.
    """

    drop: Annotated[
        tuple[Annotated[tuple[PositiveFloat, ...], Field(min_length=1)], ...],
        Field(min_length=1),
    ]


class EvaluationSection(Section):
    """What is measured after training.

    Attributes:
        masses_gev: Where to evaluate; by default at the training masses.
        bootstrap: Bootstrap samples behind each error.
        tsne_events: Events in the picture of the last hidden layer; 0 for none.
        interpolation: Training masses to leave out, one retraining each list.
        extrapolation: Whether to retrain on each mass alone.
    """

    masses_gev: tuple[PositiveFloat, ...] | None = None
    bootstrap: Annotated[int, Field(ge=2)] = 100
    tsne_events: Annotated[int, Field(ge=0)] = 2000
    interpolation: InterpolationSection | None = None
    extrapolation: bool = False


class ExportSection(Section):
    """What is exported after training.

    Attributes:
        saved_model: Whether to write `saved_model/` beside `model.keras`.
        parity_events: Events on which exported and original scores must agree.
    """

    saved_model: bool = True
    parity_events: PositiveInt = 10_000
