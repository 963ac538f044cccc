"""The batch pipeline: every path gives the same batches, stage by stage."""

import numpy as np
import pytest
from scipy import stats

from kerashep.data.background_mass import BackgroundMass
from kerashep.data.events import Events
from kerashep.data.pipeline import BatchPipeline
from kerashep.data.scaling import FeatureScaler
from kerashep.data.symmetry import PhiRotation, Reflection, Vector

NAMES = ("px", "py", "pz", "mass_reconstructed", "row")
VECTORS = (Vector("px", "py", "pz"),)
TRANSFORMS = (PhiRotation(VECTORS), Reflection("y", VECTORS), Reflection("z", VECTORS))
MASSES = np.array([500.0, 750.0, 1000.0])


def make_events(count=1000, undefined=True):
    """Feature `row` holds the row number, so that a batch can be traced back."""
    rng = np.random.default_rng(0)
    label = (rng.random(count) < 0.4).astype("float32")
    mass = np.where(
        (label == 1) | ~np.array(undefined), rng.choice(MASSES, count), np.nan
    )
    features = rng.normal(100, 30, (count, 5))
    features[:, 4] = np.arange(count)
    return Events(
        features=features,
        feature_names=NAMES,
        label=label,
        provenance="simulated",
        parameters=mass[:, None],
        parameter_names=("mass",),
        process=np.where(label == 1, 2, rng.random(count) < 0.3),
        process_names=("tt", "wjets", "X"),
        training_weight=rng.uniform(0.5, 1.5, count),
    )


def make_pipeline(events=None, assignment="sampled", **options):
    events = make_events() if events is None else events
    mass = BackgroundMass.for_events(events, "identical", assignment)
    defaults = {"batch_size": 64, "background_mass": mass, "seed": 3}
    return BatchPipeline(events, **(defaults | options))


def scaler_for(events):
    return FeatureScaler.fit(events)


def assert_same_batches(first, second):
    first, second = list(first), list(second)
    assert len(first) == len(second)
    for (x1, y1, w1), (x2, y2, w2) in zip(first, second, strict=True):
        assert set(x1) == set(x2)
        for name in x1:
            np.testing.assert_array_equal(np.asarray(x1[name]), np.asarray(x2[name]))
        np.testing.assert_array_equal(np.asarray(y1), np.asarray(y2))
        np.testing.assert_array_equal(np.asarray(w1), np.asarray(w2))


def batches_from_blocks(pipeline, epoch, steps_per_block):
    """An independent, slow assembly of batches from index blocks and tables."""
    tables = pipeline.tables
    for block in pipeline.blocks(epoch, steps_per_block):
        for k, rows in enumerate(block.index):
            x = tables["x"][rows]
            for stage, draws in zip(pipeline.transforms, block.draws, strict=True):
                x = stage.apply(x, draws[k])
            if pipeline.scaler is not None:
                x = pipeline.scaler.transform(x)
            parameters = tables["m"][rows]
            if block.parameters is not None:
                parameters = block.parameters[k]
            yield {"x": x, "m": parameters}, tables["y"][rows], tables["w"][rows]


@pytest.mark.parametrize("balance", ["none", "full"])
@pytest.mark.parametrize("assignment", ["fixed", "sampled"])
@pytest.mark.parametrize("augmented", [False, True])
def test_blocks_batches_and_stacks_agree(balance, assignment, augmented):
    events = make_events()
    pipeline = make_pipeline(
        events,
        assignment,
        balance=balance,
        transforms=TRANSFORMS if augmented else (),
        scaler=scaler_for(events) if augmented else None,
    )
    for epoch in (0, 4):
        expected = list(pipeline.batches(epoch))
        assert len(expected) == pipeline.steps_per_epoch == 16
        for steps in (1, 5, 64):
            assert_same_batches(batches_from_blocks(pipeline, epoch, steps), expected)
            unstacked = (
                ({name: v[k] for name, v in x.items()}, y[k], w[k])
                for x, y, w in pipeline.stacks(epoch, steps)
                for k in range(len(y))
            )
            assert_same_batches(unstacked, expected)


def test_columns_of_a_batch_belong_to_the_same_events():
    events = make_events()
    for x, y, w in make_pipeline(events).batches(1):
        rows = x["x"][:, 4].astype(int)
        np.testing.assert_array_equal(x["x"], events.features[rows])
        np.testing.assert_array_equal(y[:, 0], events.label[rows])
        np.testing.assert_array_equal(w, events.training_weight[rows])
        signal = y[:, 0] == 1
        np.testing.assert_array_equal(x["m"][signal], events.parameters[rows][signal])
        for values in (x["x"], x["m"], y, w):
            assert values.dtype == np.float32


def test_shapes_and_the_tail():
    pipeline = make_pipeline()
    assert (pipeline.tail, pipeline.steps_per_epoch) == (1000 % 64, 16)
    blocks = list(pipeline.blocks(0, 6))
    assert [b.index.shape for b in blocks] == [(6, 64), (6, 64), (3, 64), (1, 40)]
    assert [b.parameters.shape[:2] for b in blocks] == [b.index.shape for b in blocks]
    x, y, w = list(pipeline.batches(0))[-1]
    assert (x["x"].shape, x["m"].shape) == ((40, 5), (40, 1))
    assert (y.shape, w.shape) == ((40, 1), (40,))
    assert pipeline.tables["y"].shape == (1000, 1)
    for table in pipeline.tables.values():
        assert table.dtype == np.float32
        assert table.flags["C_CONTIGUOUS"]
        assert np.isfinite(table).all()


def test_sampled_masses_change_with_each_batch_and_fixed_ones_stay():
    def masses(pipeline, epoch):
        found = np.full(1000, np.nan)
        for x, _, _ in pipeline.batches(epoch):
            found[x["x"][:, 4].astype(int)] = x["m"][:, 0]
        return found

    label = make_events().label
    fixed, sampled = make_pipeline(assignment="fixed"), make_pipeline()
    np.testing.assert_array_equal(masses(fixed, 0), masses(fixed, 1))
    first, second = masses(sampled, 0), masses(sampled, 1)
    np.testing.assert_array_equal(first[label == 1], second[label == 1])
    changed = (first != second)[label == 0].mean()
    assert abs(changed - 2 / 3) < 0.07
    _, counts = np.unique(first[label == 0], return_counts=True)
    assert stats.chisquare(counts).pvalue > 1e-3
    assert next(iter(fixed.blocks(0))).parameters is None


def test_transforms_act_on_raw_features_before_the_scaler():
    events = make_events()
    scaler = scaler_for(events)
    pipeline = make_pipeline(events, transforms=TRANSFORMS, scaler=scaler)
    np.testing.assert_array_equal(pipeline.tables["x"], events.features)
    pt = np.hypot(events.features[:, 0], events.features[:, 1])
    angles = []
    for x, _, _ in pipeline.batches(0):
        raw = x["x"] * scaler.scale + scaler.mean
        rows = np.rint(raw[:, 4]).astype(int)
        np.testing.assert_allclose(np.hypot(raw[:, 0], raw[:, 1]), pt[rows], rtol=1e-4)
        np.testing.assert_allclose(raw[:, 3], events.features[rows, 3], rtol=1e-4)
        angles.append(np.arctan2(raw[:, 1], raw[:, 0]))
    assert (
        stats.kstest(
            np.concatenate(angles), stats.uniform(-np.pi, 2 * np.pi).cdf
        ).pvalue
        > 1e-3
    )


def test_without_transforms_the_scaler_is_applied_once():
    events = make_events()
    scaler = scaler_for(events)
    pipeline = make_pipeline(events, scaler=scaler)
    assert pipeline.scaler is None
    expected = scaler.transform(events.features)
    np.testing.assert_array_equal(pipeline.tables["x"], expected)


def test_seed_and_epoch_decide():
    first = list(make_pipeline().batches(2))
    used = make_pipeline()
    list(used.batches(0))
    assert_same_batches(first, used.batches(2))
    for other in (make_pipeline(seed=4).batches(2), make_pipeline().batches(3)):
        x, _, _ = next(iter(other))
        assert not np.array_equal(x["x"], first[0][0]["x"])


def test_without_parameters_there_is_no_mass_input():
    events = make_events()
    bare = Events(events.features, NAMES, events.label, "simulated")
    pipeline = BatchPipeline(bare, batch_size=64, balance="class")
    x, y, _ = next(iter(pipeline.batches(0)))
    assert list(x) == ["x"]
    assert y.sum() == 32
    dataset = pipeline.as_dataset()
    assert list(dataset.element_spec[0]) == ["x"]


def test_a_model_without_mass_input_can_be_balanced_by_mass():
    events = make_events()
    pipeline = BatchPipeline(events, batch_size=60, balance="full", parametric=False)
    reference = make_pipeline(events, batch_size=60, balance="full", seed=0)
    assert pipeline.tables["m"].shape == (1000, 0)
    pairs = zip(pipeline.batches(1), reference.batches(1), strict=True)
    for (x, y, w), (x_reference, y_reference, w_reference) in pairs:
        assert list(x) == ["x"]
        np.testing.assert_array_equal(x["x"], x_reference["x"])
        np.testing.assert_array_equal(y, y_reference)
        np.testing.assert_array_equal(w, w_reference)
    with pytest.raises(ValueError, match="no effect with parametric=False"):
        make_pipeline(events, parametric=False)


@pytest.mark.parametrize("balance", ["none", "full"])
def test_dataset_gives_the_same_batches_epoch_by_epoch(balance):
    pipeline = make_pipeline(balance=balance)
    dataset = pipeline.as_dataset()
    assert_same_batches(dataset, pipeline.batches(0))
    assert_same_batches(dataset, pipeline.batches(1))
    assert_same_batches(pipeline.as_dataset(start_epoch=5), pipeline.batches(5))
    assert len(dataset) == pipeline.steps_per_epoch
    assert dataset.options().autotune.enabled is False
    static = 64 if balance == "full" else None
    assert dataset.element_spec[0]["x"].shape.as_list() == [static, 5]


def test_keras_fit_sees_each_epoch_once():
    """`fit` on the data set ends with the weights of a loop over `batches`."""
    keras = pytest.importorskip("keras")
    pipeline = make_pipeline(scaler=scaler_for(make_events()), balance="full")

    def make_model():
        x, m = keras.Input((5,), name="x"), keras.Input((1,), name="m")
        joined = keras.layers.concatenate([x, m / 1000.0])
        output = keras.layers.Dense(1, activation="sigmoid", kernel_initializer="ones")(
            joined
        )
        model = keras.Model({"x": x, "m": m}, output)
        model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy")
        return model

    fitted, looped = make_model(), make_model()
    fitted.fit(pipeline.as_dataset(), epochs=3, verbose=0)
    for epoch in range(3):
        for x, y, w in pipeline.batches(epoch):
            looped.train_on_batch(x, y, sample_weight=w)
    for a, b in zip(fitted.get_weights(), looped.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_balance_and_weights_that_both_favour_the_rarer_class_are_noticed():
    events = make_events()
    heavy = np.where(events.label == 1, 5.0, 0.5)
    events = events.with_columns(training_weight=heavy)
    with pytest.warns(UserWarning, match="average 5 in the signal and 0.5"):
        make_pipeline(events, balance="class")


def test_errors():
    events = make_events()
    with pytest.raises(ValueError, match=r"background events have undefined.*Give"):
        make_pipeline(events, background_mass=None)
    broken = events.with_columns(parameters=np.full((1000, 1), np.nan))
    with pytest.raises(ValueError, match="Every signal event"):
        BatchPipeline(broken, batch_size=8)
    fewer = events.select_features(("px", "pz", "mass_reconstructed", "row"))
    with pytest.raises(ValueError, match="No feature 'py'"):
        make_pipeline(fewer, transforms=TRANSFORMS)
    with pytest.raises(ValueError, match="The scaler was fitted on"):
        make_pipeline(events, scaler=scaler_for(fewer))
    assert BatchPipeline(make_events(undefined=False), batch_size=8).tail == 0
