"""Every published recipe can be read, and names what exists."""

import ast
import inspect
from pathlib import Path

import numpy as np
import pytest

from kerashep._resources import resource_names
from kerashep.data.events import Events
from kerashep.datasets import load_dataset
from kerashep.training.overrides import valid_paths
from kerashep.training.recipe import Recipe, load_recipe

NAMES = resource_names("recipes", "recipe.yaml")
ROOT = Path(__file__).parents[2]
PYTHIA = ROOT.parent / "shared" / "data" / "hepmass_pythia_30k.parquet"
PAPER_ARGUMENTS = {
    "units": [300, 150, 100, 50],
    "dropout": 0.25,
    "kernel_l2": 1e-4,
    "bias_l2": 1e-5,
}
# Of the paper: 27 features, one mass.
PARAMETER_COUNTS = {
    "affine_pnn_resonance": 76_151,
    "pnn_resonance": 74_051,
    "affine_pnn_hepmass": 76_151,
    "affine_pnn_hepmass_imb": 76_151,
    "higgsml_dense": 23_113,  # of arXiv:2002.01427: 31 features, one of them embedded
}


def events_like(names, count=40):
    rng = np.random.default_rng(0)
    return Events(
        features=rng.normal(size=(count, len(names))),
        feature_names=tuple(names),
        label=np.arange(count) % 2,
        parameters=np.full((count, 1), 500.0),
        parameter_names=("mass",),
        provenance="simulated",
    )


def feature_names(recipe):
    columns = recipe.data.columns
    return columns.feature_names if columns else [f"f{i}" for i in range(27)]


def write_parquet(path, names, count=60):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    label = np.arange(count) % 2
    columns = {name: rng.normal(size=count).astype("float32") for name in names}
    mass = np.where(label == 1, 500 + 250 * (np.arange(count) % 5), 0)
    pq.write_table(pa.table({**columns, "label": label, "mass": mass}), path)


def test_the_published_recipes_are_there():
    assert set(PARAMETER_COUNTS) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("quick", [False, True], ids=["full", "quick"])
def test_recipe_is_valid_and_described(name, quick):
    recipe = load_recipe(name, quick=quick)
    assert recipe.name == name
    assert recipe.description
    assert recipe.quick, "each recipe can be tried out with --quick"


@pytest.mark.parametrize("name", NAMES)
def test_recipe_names_a_data_set_and_arguments_it_takes(name):
    from kerashep import datasets

    for quick in (False, True):
        data = load_recipe(name, quick=quick).data
        if data.dataset == "file":  # given by --data, read by the column map
            assert data.columns is not None
            continue
        assert data.dataset in datasets.list_datasets()
        loader = getattr(datasets, f"load_{data.dataset}")
        inspect.signature(loader).bind_partial(**data.arguments)


@pytest.mark.parametrize("name", NAMES)
def test_recipe_names_a_model_and_arguments_it_takes(name):
    from kerashep.training.assembly import build_model, build_optimizer

    recipe = load_recipe(name)
    events = events_like(feature_names(recipe))
    if recipe.data.dataset in STAND_INS:
        events = stand_in(recipe.data.dataset)
    model = build_model(recipe, events)
    if name in PARAMETER_COUNTS:
        assert model.count_params() == PARAMETER_COUNTS[name]
    assert float(build_optimizer(recipe).learning_rate) > 0


# The same columns, without a file.
STAND_INS = {
    "higgsml": ("higgs_simulated", {"cartesian": True}),
    "toptagging": ("jets_simulated", {"constituents": 80}),
    "w_jets_simulated": ("w_jets_simulated", {"constituents": 80}),
}


def stand_in(dataset):
    name, arguments = STAND_INS[dataset]
    return load_dataset(name, events=60, **arguments)


SMALL = {
    "resonance": {"signal_events": 6, "background_events": 12},
    "gaussian_resonance": {"events_per_class": 12},
}


@pytest.mark.parametrize("quick", [False, True], ids=["full", "quick"])
@pytest.mark.parametrize("name", NAMES)
def test_recipe_builds_its_model_for_the_events_it_names(name, quick):
    from kerashep.training.assembly import build_model
    from kerashep.zoo.inputs import input_widths

    recipe = load_recipe(name, quick=quick)
    if recipe.data.dataset in SMALL:
        arguments = {**recipe.data.arguments, **SMALL[recipe.data.dataset]}
        events = load_dataset(recipe.data.dataset, **arguments)
    elif recipe.data.dataset in STAND_INS:
        events = stand_in(recipe.data.dataset)
    else:
        events = events_like(feature_names(recipe))
    model = build_model(recipe, events)
    widths = input_widths(model)
    assert widths["x"] == len(events.feature_names)
    if events.parameter_names:
        assert widths.get("m", 1) == len(events.parameter_names)


@pytest.mark.parametrize("name", ["affine_pnn_hepmass", "affine_pnn_hepmass_imb"])
def test_recipe_has_the_hyperparameters_of_the_paper(name):
    recipe = load_recipe(name)
    training = recipe.training
    assert recipe.model.arguments == PAPER_ARGUMENTS
    assert (training.epochs, training.batch_size) == (25, 1024)
    assert (training.optimizer, training.learning_rate) == ("adam", 3e-4)
    assert training.balance == "full"
    assert training.background_mass.distribution == "identical"
    assert training.background_mass.assignment == "sampled"
    assert training.schedule is None
    assert recipe.seed == 42


@pytest.mark.parametrize("name", ["affine_pnn_resonance", "pnn_resonance"])
def test_column_map_is_that_of_the_simulated_data_set(name):
    from kerashep.datasets.resonance import load_resonance

    events = load_resonance(masses_gev=(500.0,), signal_events=5, background_events=5)
    columns = load_recipe(name).data.columns
    assert columns.features == events.feature_names
    units = tuple(columns.feature_units.get(key, "") for key in columns.features)
    assert units == events.feature_units
    assert tuple(columns.parameters) == events.parameter_names


def read(path, name, provenance):
    from kerashep.data.readers import read_events

    columns = load_recipe(name).data.columns
    return read_events([path], columns, provenance=provenance)


@pytest.mark.parametrize("name", ["affine_pnn_resonance", "pnn_resonance"])
def test_column_map_reads_a_file_of_the_same_columns(name, tmp_path):
    path = tmp_path / "events.parquet"
    write_parquet(path, load_recipe(name).data.columns.features)
    events = read(path, name, "simulated")
    assert np.isnan(events.parameters[events.label == 0]).all()
    signal = events.parameters[events.label == 1, 0]
    assert set(signal) == {500.0, 750.0, 1000.0, 1250.0, 1500.0}


@pytest.mark.skipif(not PYTHIA.exists(), reason=f"no {PYTHIA.name} beside the checkout")
@pytest.mark.parametrize("name", ["affine_pnn_resonance", "pnn_resonance"])
def test_column_map_reads_the_pythia_events(name):
    events = read(PYTHIA, name, "pythia")
    assert len(events) == 30_000
    assert len(events.feature_names) == 27
    assert np.isnan(events.parameters[events.label == 0]).all()
    assert set(events.parameters[events.label == 1, 0]) == {500, 750, 1000, 1250, 1500}


def attributes_read(source):
    """Attributes read in a source text, but for pydantic's validators of sections.

    These check a key; whether it has an effect is another matter.
    """
    tree = ast.parse(source)
    checking = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any("validator" in ast.unparse(name) for name in node.decorator_list)
        for inner in ast.walk(node)
    }
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and id(node) not in checking
    }


def test_every_key_of_a_recipe_is_used_somewhere():
    """A key that is read from YAML and then forgotten is an option ignored."""
    used = set()
    for path in (ROOT / "kerashep").rglob("*.py"):
        used |= attributes_read(path.read_text())
    leaves = {path.rpartition(".")[2] for path in valid_paths(Recipe)}
    by_loader = {"quick"}  # applied while the file is read
    assert sorted(leaves - by_loader - used) == []


def test_a_key_that_is_only_checked_counts_as_unused():
    source = (
        "class A:\n"
        "    key: int = 1\n"
        "    @model_validator(mode='after')\n"
        "    def _check(self):\n"
        "        assert self.key and 'x.other'\n"
        "    def settings(self):\n"
        "        return self.used\n"
    )
    assert attributes_read(source) == {"used"}
