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


class AmsSection(Section):
    """The AMS of events without a mass; see `kerashep.evaluation.ams_scan`.

    Physics weights of the test events are scaled to the sums of all events.

    Attributes:
        fraction: Share of the test events, by score, at which it is quoted.
        regularisation: Events added to the background.
        systematic: Relative uncertainty of the background.
    """

    fraction: Annotated[float, Field(gt=0, le=1)] = 0.15
    regularisation: Annotated[float, Field(ge=0)] = 10.0
    systematic: Annotated[float, Field(ge=0)] = 0.0


class EvaluationSection(Section):
    """What is measured after training.

    Attributes:
        masses_gev: Where to evaluate; by default at the training masses.
        bootstrap: Bootstrap samples behind each error.
        tsne_events: Events in the picture of the last hidden layer; 0 for none.
        interpolation: Training masses to leave out, one retraining each list.
        extrapolation: Whether to retrain on each mass alone.
        ams: Whether and how to measure the AMS, of events without a mass.
    """

    masses_gev: tuple[PositiveFloat, ...] | None = None
    bootstrap: Annotated[int, Field(ge=2)] = 100
    tsne_events: Annotated[int, Field(ge=0)] = 2000
    interpolation: InterpolationSection | None = None
    extrapolation: bool = False
    ams: AmsSection | None = None


class ExportSection(Section):
    """What is exported after training.

    Attributes:
        saved_model: Whether to write `saved_model/` beside `model.keras`.
        parity_events: Events on which exported and original scores must agree.
    """

    saved_model: bool = True
    parity_events: PositiveInt = 10_000
