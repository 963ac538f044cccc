"""Training from a recipe: what it sees, what it gives, that it repeats."""

from types import SimpleNamespace
from typing import get_args

import numpy as np
import pytest

from kerashep.training.assembly import (
    build_model,
    build_optimizer,
    build_pipeline,
    build_schedule,
)
from kerashep.training.fit import train
from kerashep.training.run_folder import RunFolder, data_hash
from kerashep.training.schedule_section import ScheduleSection
from kerashep.training.seeding import derive_seed
from kerashep.training.validation import Validation
from kerashep.zoo.inputs import model_inputs
from tests.training.toy import MASSES, toy_events, toy_parts, toy_recipe


@pytest.fixture(scope="module")
def parts():
    return toy_parts(weights=True)


@pytest.fixture(scope="module")
def trained(parts):
    """Learns too fast, so that the best epoch is not the last one."""
    recipe = toy_recipe(
        epochs=6, learning_rate=0.3, early_stopping={"patience": 2}, balance="full"
    )
    return train(recipe, parts, seed=5)


def weights_of(trained):
    return [np.asarray(value) for value in trained.core.get_weights()]


def test_scaler_is_fitted_on_training_events_with_their_weights(parts, trained):
    x, weight = parts["train"].features, parts["train"].training_weight
    mean = np.average(x, axis=0, weights=weight)
    np.testing.assert_allclose(trained.scaler.mean, mean, rtol=1e-4, atol=1e-4)


def test_served_model_is_the_core_behind_the_scaler(parts, trained):
    events = parts["validation"].take(slice(0, 50))
    m = np.full((50, 1), 900.0, "float32")
    scaled = trained.scaler.transform(events.features)
    core = trained.core(model_inputs(trained.core, scaled, m))
    np.testing.assert_allclose(
        trained.score(events.features, m), np.asarray(core)[:, 0], atol=1e-6
    )
    with pytest.raises(ValueError, match="is parametric: give `m`"):
        trained.score(events.features)


def test_early_stopping_keeps_the_weights_of_the_best_epoch(parts, trained):
    history = trained.history
    assert trained.best_epoch == 1 + int(np.argmax(history["val_auc"]))
    scaled = trained.scaler.transform(parts["validation"].features)
    validation = Validation(
        parts["validation"].with_columns(features=scaled),
        parametric=True,
        seed=derive_seed(5, "validation"),
    )
    again = validation.evaluate(trained.core)
    assert again["val_auc"] == history["val_auc"][trained.best_epoch - 1]
    assert again["val_loss"] == history["val_loss"][trained.best_epoch - 1]


@pytest.fixture(scope="module")
def plain(parts):
    return train(toy_recipe(balance="full"), parts, seed=1)


def test_training_learns_repeats_bit_for_bit_and_depends_on_the_seed(parts, plain):
    again, other = (train(toy_recipe(balance="full"), parts, seed=s) for s in (1, 2))
    for a, b in zip(weights_of(plain), weights_of(again), strict=True):
        np.testing.assert_array_equal(a, b)
    assert plain.history == again.history
    assert plain.history["loss"] != other.history["loss"]
    assert plain.history["epoch"] == [1, 2, 3]
    assert plain.history["val_auc"][-1] > max(0.75, plain.history["val_auc"][0])


def test_compiled_epochs_give_the_numbers_of_the_plain_path(parts, plain):
    compiled = train(toy_recipe(balance="full", compiled=True), parts, seed=1)
    for name in ("loss", "val_loss", "val_auc"):
        np.testing.assert_allclose(
            compiled.history[name], plain.history[name], rtol=1e-4, err_msg=name
        )


def test_training_weights_act(parts, plain):
    flat = {
        name: part.with_columns(training_weight=np.ones(len(part)))
        for name, part in parts.items()
    }
    other = train(toy_recipe(balance="full", epochs=1), flat, seed=1)
    assert other.history["loss"][0] != plain.history["loss"][0]


def test_model_without_mass_trains_with_a_balance_by_mass(parts):
    recipe = toy_recipe("single_nn", epochs=1, balance="signal")
    trained = train(recipe, parts, seed=0)
    x = parts["validation"].features[:20]
    np.testing.assert_array_equal(trained.score(x), trained.score(x, np.ones((20, 1))))


def test_run_folder_holds_recipe_history_and_provenance(parts, tmp_path):
    import json

    run = RunFolder(tmp_path / "run")
    recipe = toy_recipe(epochs=1, tensorboard=True)
    trained = train(recipe, parts, seed=9, run=run)
    assert run.read_recipe() == recipe
    assert run.history.read_text().startswith("epoch,loss,val_loss,val_auc\n1,")
    content = json.loads(run.provenance.read_text())
    assert content["seeds"]["seed"] == 9
    assert content["versions"]["keras"]
    assert content["provenance"] == ["simulated"]
    assert content["data"]["train"]["events"] == len(parts["train"])
    assert any(run.tensorboard.rglob("*tfevents*"))
    assert len(trained.history["loss"]) == 1
    (run.path / "notes.txt").write_text("mine")
    run.discard()
    assert [path.name for path in run.path.iterdir()] == ["notes.txt"]


def test_folder_without_run_is_named(tmp_path):
    with pytest.raises(ValueError, match="is no run folder: it has no recipe"):
        RunFolder(tmp_path).read_recipe()


# --- assembly


def test_model_is_as_wide_as_the_events():
    events = toy_events(60)
    affine = build_model(toy_recipe(), events)
    assert {t.name: t.shape[1] for t in affine.inputs} == {"x": 3, "m": 1}
    masses = build_model(toy_recipe("individual_nns"), events).masses_gev
    assert masses == MASSES
    chosen = toy_recipe("individual_nns", {"units": [2], "masses_gev": [700.0]})
    assert build_model(chosen, events).masses_gev == (700.0,)


@pytest.mark.parametrize(
    ("model", "arguments", "message"),
    [
        ("affine_pnn", {"num_features": 3}, "num_features` follows from the events"),
        ("affine_pnn", {"num_parameters": 1}, "num_parameters` follows"),
        ("affine_pnn", {"droput": 0.1}, "no argument 'droput'.*mean 'dropout'"),
        ("afine_pnn", {}, "Unknown model 'afine_pnn'.*mean 'affine_pnn'"),
    ],
)
def test_faulty_model_section_is_explained(model, arguments, message):
    with pytest.raises(ValueError, match=message):
        build_model(toy_recipe(model, {"units": [2], **arguments}), toy_events(60))


def test_parametric_model_needs_parameters():
    from dataclasses import replace

    events = replace(toy_events(60), parameters=np.zeros((60, 0)), parameter_names=())
    with pytest.raises(ValueError, match=r"'affine_pnn' needs events with a parameter"):
        build_model(toy_recipe(), events)
    assert build_model(toy_recipe("single_nn"), events).num_features == 3


@pytest.mark.parametrize(
    ("rule", "redrawn"),
    [
        ({"distribution": "identical", "assignment": "fixed"}, False),
        ({"distribution": "identical", "assignment": "sampled"}, True),
        ({"distribution": "uniform", "assignment": "sampled"}, True),
        (
            {
                "distribution": "binned",
                "assignment": "fixed",
                "reconstructed": "m_reco",
            },
            False,
        ),
    ],
)
def test_background_mass_of_the_recipe_reaches_the_batches(rule, redrawn):
    from kerashep.data.scaling import FeatureScaler

    events = toy_events(600)
    recipe = toy_recipe(background_mass=rule, batch_size=600)
    scaler = FeatureScaler.fit(events)
    pipeline = build_pipeline(recipe, events, parametric=True, scaler=scaler, seed=0)
    found = []
    for epoch in range(2):
        inputs, label, _ = next(iter(pipeline.batches(epoch)))
        order = np.argsort(inputs["x"][:, 1])
        found.append(np.where(label == 0, inputs["m"], -1.0)[order, 0])
    assert np.array_equal(*found) is not redrawn
    background = found[0][found[0] >= 0]
    assert set(background) <= set(MASSES) or rule["distribution"] == "uniform"


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_optimizer_and_its_rate_follow_the_recipe(name):
    optimizer = build_optimizer(toy_recipe(optimizer=name, learning_rate=0.02))
    assert type(optimizer).__name__.lower() == name
    assert float(optimizer.learning_rate.numpy()) == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("adam", {"beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-5, "clipnorm": 2.0}),
        ("adamw", {"weight_decay": 0.01, "beta_1": 0.7, "clipnorm": 1.0}),
        ("sgd", {"momentum": 0.6, "nesterov": True, "clipnorm": 0.5}),
    ],
)
def test_keys_reach_the_optimizer_and_others_keep_the_default(name, keys):
    plain = build_optimizer(toy_recipe(optimizer=name)).get_config()
    found = build_optimizer(toy_recipe(optimizer=name, **keys)).get_config()
    assert {key: found[key] for key in keys} == keys
    rest = set(plain) - set(keys) - {"name"}
    assert {key: found[key] for key in rest} == {key: plain[key] for key in rest}
    standard = {"adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}}
    standard |= {"adamw": {"weight_decay": 0.004}, "sgd": {"momentum": 0.0}}
    assert {key: plain[key] for key in standard[name]} == standard[name]


def test_keys_reach_an_optimizer_whose_momentum_moves():
    recipe = toy_recipe(schedule={"name": "one_cycle"}, beta_2=0.98, clipnorm=3.0)
    config = build_optimizer(recipe).get_config()
    assert (config["beta_2"], config["clipnorm"]) == (0.98, 3.0)


def test_schedule_keys_give_the_shape():
    def rates(epochs, **section):
        recipe = toy_recipe(epochs=epochs, learning_rate=1.0, schedule=section)
        schedule = build_schedule(recipe, 100)
        return schedule.table(0, 100 * epochs + 1)

    rate, momentum = rates(
        2,
        name="one_cycle",
        rise_fraction=0.25,
        first_factor=0.2,
        last_factor=0.1,
        momentum_high=0.9,
        momentum_low=0.7,
    )
    assert rate.argmax() == 50
    np.testing.assert_allclose(rate[[0, 50, 200]], [0.2, 1.0, 0.1], rtol=1e-6)
    np.testing.assert_allclose(momentum[[0, 50, 200]], [0.9, 0.7, 0.9], rtol=1e-6)
    rate, _ = rates(3, name="one_cycle")
    assert rate.argmax() == 100
    rate, _ = rates(2, name="cosine", last_factor=0.3)
    np.testing.assert_allclose(rate[[0, 100, 200]], [1.0, 0.65, 0.3], rtol=1e-6)
    rate, _ = rates(4, name="sgdr", cycle_epochs=0.5, growth=3, last_factor=0.2)
    np.testing.assert_allclose(rate[[0, 50, 125, 200]], [1.0, 1.0, 0.6, 1.0], rtol=1e-6)
    rate, _ = rates(2, name="cyclical", cycle_epochs=1, first_factor=0.5)
    np.testing.assert_allclose(rate[[0, 50, 100, 150]], [0.5, 1.0, 0.5, 1.0], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("constant", 1.0, 1.0),
        ("cosine", 1.0, 0.0),
        ("one_cycle", 0.01, 0.0),
        ("sgdr", 1.0, 0.0),
        ("cyclical", 0.1, 0.1),
    ],
)
@pytest.mark.parametrize("warmup", [0.0, 0.5])
def test_schedule_starts_and_ends_as_named_below_the_learning_rate(
    name, first, last, warmup
):
    if name == "one_cycle" and warmup:
        return  # refused by the recipe
    section = {"name": name, "warmup_epochs": warmup}
    # after the warm-up: 3 epochs, the length of two cosine cycles; or one triangle
    epochs = 2 if name == "cyclical" else 3
    recipe = toy_recipe(epochs=epochs + (warmup > 0), schedule=section)
    pipeline = SimpleNamespace(steps_per_epoch=100)
    schedule = build_schedule(recipe, pipeline.steps_per_epoch)
    rates, _ = schedule.table(round(100 * warmup), 100 * epochs)
    assert rates.max() == pytest.approx(0.01, rel=0.02)
    found = rates[[0, -1]] / 0.01
    assert found[0] == pytest.approx(first, abs=0.03)
    if not warmup or name in ("constant", "sgdr", "cyclical"):
        assert found[1] == pytest.approx(last, abs=0.03)
    if warmup:
        assert schedule.table(0, 1)[0][0] < 0.1 * rates[0] + 1e-4


def test_every_schedule_of_a_recipe_can_be_built():
    for name in get_args(ScheduleSection.model_fields["name"].annotation):
        recipe = toy_recipe(epochs=1, schedule={"name": name})
        assert build_schedule(recipe, 1).table(0, 1)
    assert build_schedule(toy_recipe(), 1) is None


def test_schedule_acts_alike_on_both_paths(parts):
    one_cycle = {"schedule": {"name": "one_cycle"}, "epochs": 2}
    plain, compiled = (
        train(toy_recipe(compiled=way, **one_cycle), parts, seed=4)
        for way in (False, True)
    )
    losses = compiled.history["loss"]
    np.testing.assert_allclose(losses, plain.history["loss"], rtol=1e-4)
    for trained in (plain, compiled):
        optimizer = trained.core.optimizer
        assert optimizer.learning_rate.numpy() < 1e-3, (
            "has fallen from 1e-2 to almost 0"
        )
        assert optimizer.momentum.numpy() > 0.94


# --- refusals


@pytest.mark.parametrize(
    ("options", "names", "message"),
    [
        ({}, ["validation"], "must hold 'train'. Received: .'validation'"),
        ({"early_stopping": {}}, ["train"], "watches 'val_auc'.*'validation'"),
        ({"tensorboard": True}, ["train"], "tensorboard` needs a run folder"),
    ],
)
def test_faulty_request_is_explained(parts, options, names, message):
    with pytest.raises(ValueError, match=message):
        train(toy_recipe(**options), {name: parts[name] for name in names})


# --- seeds and hashes


def test_derived_seeds_differ_by_purpose_and_seed():
    seeds = {
        derive_seed(seed, name) for seed in range(50) for name in ("a", "b", "weights")
    }
    assert len(seeds) == 150
    assert derive_seed(3, "a") == derive_seed(3, "a")
    assert all(0 <= seed < 2**31 for seed in seeds)
    with pytest.raises(ValueError, match=r"not be negative\. Received: seed=-1"):
        derive_seed(-1, "a")


def test_data_hash_sees_every_column_and_the_order():
    events = toy_events(40, weights=True)
    base = data_hash({"train": events})
    assert base == data_hash({"train": toy_events(40, weights=True)})
    changed = [
        events.take(np.arange(40)[::-1]),
        events.take(slice(0, 39)),
        *(
            events.with_columns(**{name: getattr(events, name) * 1.0 + step})
            for name, step in (("features", 1), ("weight", 1), ("training_weight", 1))
        ),
    ]
    hashes = {data_hash({"train": other}) for other in changed}
    assert base not in hashes
    assert len(hashes) == len(changed)
    assert base != data_hash({"validation": events})
