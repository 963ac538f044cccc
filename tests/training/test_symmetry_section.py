"""`training.symmetry` of a recipe: which transforms, and which events they fit."""

import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.data.scaling import FeatureScaler
from kerashep.data.symmetry import PhiRotation, Reflection
from kerashep.data.vectors import PolarVector, Vector
from kerashep.training.assembly import build_model, build_pipeline
from kerashep.training.recipe import load_recipe
from kerashep.training.symmetry_section import SymmetrySection, VectorSection
from kerashep.zoo.inputs import input_widths

LEPTON = {"phi": "lep_phi", "eta": "lep_eta"}


def test_sections_become_stages():
    section = SymmetrySection(
        vectors=(LEPTON, {"px": "a", "py": "b"}), reflections=("z",)
    )
    vectors = (PolarVector("lep_phi", "lep_eta"), Vector("a", "b"))
    assert section.stages() == (PhiRotation(vectors), Reflection("z", vectors))
    still = SymmetrySection(vectors=(LEPTON,), rotation=False, reflections=())
    assert still.stages() == ()


@pytest.mark.parametrize(
    "wrong", [{}, {"px": "a"}, {"eta": "a"}, {"phi": "a", "px": "b"}]
)
def test_half_a_vector_is_refused(wrong):
    with pytest.raises(ValueError, match="`px`, `py` and perhaps `pz`"):
        VectorSection(**wrong)


def test_no_reflection_along_z_without_a_component():
    with pytest.raises(ValueError, match="needs a vector with `pz` or `eta`"):
        SymmetrySection(vectors=({"phi": "met_phi"},))


@pytest.mark.parametrize(
    "ignored", [{"rotation": False}, {"reflections": ("y",)}, {"test_rotations": 2}]
)
def test_nothing_random_beside_a_frame(ignored):
    vectors = [{"px": f"{n}_px", "py": f"{n}_py", "pz": f"{n}_pz"} for n in ("a", "b")]
    frame = {"reference": "a_px", "partner": "b_px"}
    (key,) = ignored
    with pytest.raises(ValueError, match=f"leave `{key}` out"):
        SymmetrySection(vectors=vectors, frame=frame, **ignored)
    section = SymmetrySection(vectors=vectors, frame=frame)
    assert SymmetrySection(**section.model_dump()) == section


def test_no_copies_at_angles_that_training_never_saw():
    vector = {"px": "a", "py": "b", "pz": "c"}
    with pytest.raises(ValueError, match="use `rotation: true`, or leave"):
        SymmetrySection(vectors=(vector,), rotation=False, test_rotations=2)
    SymmetrySection(vectors=(vector,), reflections=(), test_rotations=2)


def test_a_star_stands_for_all_particles():
    names = ("E_0", "PX_0", "PY_0", "PZ_0", "E_1", "PX_1", "PY_1", "PZ_1", "PX_")
    section = SymmetrySection(
        vectors=({"px": "PX_*", "py": "PY_*", "pz": "PZ_*"}, LEPTON)
    )
    found = section.for_features(names).vectors
    vectors = tuple(one.vector() for one in found)
    assert vectors == (
        Vector("PX_0", "PY_0", "PZ_0"),
        Vector("PX_1", "PY_1", "PZ_1"),
        PolarVector("lep_phi", "lep_eta"),
    )
    with pytest.raises(ValueError, match=r"no feature is named like 'PX_\*'"):
        section.for_features(["E", "px"])
    with pytest.raises(ValueError, match=r"one `\*` in each.*PX_\*, PY_0"):
        VectorSection(px="PX_*", py="PY_0")


def make_events(phi):
    count = len(phi)
    eta = 2 + np.sin(np.arange(count))
    features = np.stack([np.arange(count), phi, eta], axis=1)
    return Events(
        features=features.astype("float32"),
        feature_names=("lep_pt", "lep_phi", "lep_eta"),
        label=np.arange(count) % 2,
        provenance="simulated",
    )


RECIPE = """
name: tiny
model: {name: single_nn, arguments: {units: [4]}}
data: {dataset: resonance}
training:
  batch_size: 10
  symmetry: {vectors: [{phi: lep_phi, eta: lep_eta}]}
"""


def pipeline_of(tmp_path, events, *overrides):
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE)
    recipe = load_recipe(str(path), overrides=overrides)
    parametric = "m" in input_widths(build_model(recipe, events))
    scaler = FeatureScaler.fit(events)
    return build_pipeline(recipe, events, parametric=parametric, scaler=scaler, seed=1)


def test_batches_of_a_recipe_are_transformed_anew_each_epoch(tmp_path):
    events = make_events(np.linspace(-3, 3, 100))
    pipeline = pipeline_of(tmp_path, events)
    first, second = (
        np.concatenate([x["x"] for x, _, _ in pipeline.batches(epoch)])
        for epoch in (0, 1)
    )
    for column, moves in ((0, False), (1, True), (2, True)):
        same = np.allclose(np.sort(first[:, column]), np.sort(second[:, column]))
        assert same is not moves
    plain = pipeline_of(tmp_path, events, "training.symmetry=null")
    assert plain.transforms == ()


def test_events_that_do_not_fit_are_refused(tmp_path):
    with pytest.raises(ValueError, match="'lep_phi' must be an azimuth in radians"):
        pipeline_of(tmp_path, make_events(np.linspace(-180, 180, 100)))
    events = make_events(np.linspace(-3, 3, 100))
    other = "training.symmetry={vectors: [{phi: mu_phi}], reflections: []}"
    with pytest.raises(ValueError, match="names 'mu_phi', which is no feature"):
        pipeline_of(tmp_path, events, other)


def test_components_that_are_not_named_are_told():
    features = np.zeros((4, 4), "float32")
    features[:, 1] = np.arange(4)
    events = Events(
        features=features,
        feature_names=("lep_phi", "lep_eta", "met_phi", "deltaphi"),
        label=np.arange(4) % 2,
        provenance="simulated",
    )
    section = SymmetrySection(vectors=(LEPTON,))
    with pytest.warns(UserWarning, match="stay as they are: met_phi"):
        section.check_events(events)
