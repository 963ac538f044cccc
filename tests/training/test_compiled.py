"""The compiled path gives the numbers of the plain one, and compiles once."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerashep.data.background_mass import BackgroundMass
from kerashep.data.event_store import EventStore
from kerashep.data.events import Events
from kerashep.data.pipeline import BatchPipeline
from kerashep.data.scaling import FeatureScaler
from kerashep.data.streaming import StreamedPipeline
from kerashep.data.symmetry import PhiRotation, Vector
from kerashep.training.compiled import CompiledTrainer
from kerashep.training.compiled_reset import InitialOptimizer, InitialWeights
from kerashep.training.optimizers import ScheduledAdam
from kerashep.training.schedules import OneCycle
from kerashep.zoo.registry import create_model

MODELS = ("affine_pnn", "parametric_nn", "single_nn")
MASSES = (500.0, 1000.0, 1500.0)


def toy_events(count=700, *, seed=0):
    rng = np.random.default_rng(seed)
    label = (np.arange(count) % 2).astype("float32")
    mass = np.where(label == 1, rng.choice(MASSES, count), np.nan)
    x = rng.normal(size=(count, 4)) + 0.7 * label[:, None]
    return Events(
        features=x,
        feature_names=("px", "py", "a", "b"),
        label=label,
        provenance="simulated",
        parameters=mass[:, None],
        parameter_names=("mass",),
        training_weight=rng.uniform(0.5, 1.5, count),
    )


def build(name, *, dropout=0.0, optimizer=None, seed=1):
    keras.utils.set_random_seed(seed)
    parametric = name != "single_nn"
    more = {"num_parameters": 1} if parametric else {}
    model = create_model(
        name, num_features=4, units=(8, 4), dropout=dropout, kernel_l2=1e-3, **more
    )
    model.compile(optimizer or keras.optimizers.Adam(1e-2), "binary_crossentropy")
    return model


def pipeline(
    name="affine_pnn", *, balance="none", transforms=(), scaler=None, events=None
):
    events = events or toy_events()
    parametric = name != "single_nn"
    mass = BackgroundMass.for_events(events, "identical", "sampled")
    return BatchPipeline(
        events,
        batch_size=64,
        balance=balance,
        background_mass=mass if parametric else None,
        transforms=transforms,
        scaler=scaler,
        parametric=parametric,
        seed=5,
    )


def plain_losses(model, batches, epochs, before_step=None):
    """Mean loss of each epoch of `train_on_batch`, every event counting once."""
    losses = []
    for epoch in range(epochs):
        values, sizes = [], []
        for i, (x, y, w) in enumerate(batches.batches(epoch)):
            if before_step is not None:
                before_step(model, epoch * batches.steps_per_epoch + i)
            model.reset_metrics()
            values.append(model.train_on_batch(x, y, sample_weight=w))
            sizes.append(len(y))
        losses.append(np.average(np.array(values, "float64"), weights=sizes))
    return losses


@pytest.mark.parametrize("name", MODELS)
def test_losses_equal_plain_keras_on_the_same_batches(name):
    batches = pipeline(name)
    assert batches.tail, "the tail of an epoch must be part of this test"
    trainer = CompiledTrainer(build(name), batches, steps_per_call=4)
    compiled = trainer.fit(epochs=3).history["loss"]
    plain = plain_losses(build(name), batches, 3)
    np.testing.assert_allclose(compiled, plain, rtol=1e-4)
    assert trainer.compiled
    assert trainer.traces == 2, "one for blocks, one for the tail"


def special_model(kind):
    keras.utils.set_random_seed(1)
    if kind == "parallel_net":
        arguments = {"wide_features": (0, 1), "deep_depth": 2, "deep_width": 6}
        model = create_model("parallel_net", num_features=4, **arguments)
    elif kind == "batch_norm":
        shape = {"depth": 2, "width": 6, "batch_norm": True}
        model = create_model("dense_classifier", num_features=4, **shape)
    else:
        model = create_model("single_nn", num_features=4, units=(8, 4))
    model.compile(keras.optimizers.Adam(1e-2), "binary_crossentropy")
    return model


@pytest.fixture
def policy(kind):
    """Of models built meanwhile."""
    before = keras.config.dtype_policy()
    if kind == "mixed_float16":
        keras.config.set_dtype_policy(kind)
    yield
    keras.config.set_dtype_policy(before)


@pytest.mark.parametrize("kind", ["batch_norm", "parallel_net", "mixed_float16"])
@pytest.mark.usefixtures("policy")
def test_models_with_other_layers_train_alike(kind):
    events = toy_events(330)
    stage = {"scaler": FeatureScaler.fit(events), "events": events}
    batches = pipeline("single_nn", **stage)
    model, twin = special_model(kind), special_model(kind)
    trainer = CompiledTrainer(model, batches)
    losses = trainer.fit(epochs=2).history["loss"]
    np.testing.assert_allclose(losses, plain_losses(twin, batches, 2), rtol=1e-4)
    assert trainer.compiled
    moving = zip(
        model.non_trainable_variables, twin.non_trainable_variables, strict=True
    )
    for ours, theirs in moving:
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    if kind == "mixed_float16":
        assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)


def test_weights_after_training_equal_plain_keras():
    batches = pipeline(balance="full")
    model, twin = build("affine_pnn"), build("affine_pnn")
    CompiledTrainer(model, batches).fit(epochs=2)
    plain_losses(twin, batches, 2)
    for ours, theirs in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-3, atol=2e-5)


def test_transforms_and_scaler_run_inside():
    events = toy_events()
    scaler = FeatureScaler.fit(events)
    stages = (PhiRotation((Vector("px", "py"),)),)
    batches = pipeline(transforms=stages, scaler=scaler, events=events)
    losses = CompiledTrainer(build("affine_pnn"), batches).fit(epochs=2).history["loss"]
    plain = plain_losses(build("affine_pnn"), batches, 2)
    np.testing.assert_allclose(losses, plain, rtol=1e-4)


def test_block_length_does_not_matter():
    batches = pipeline()
    losses = [
        CompiledTrainer(build("single_nn"), pipeline("single_nn"), steps_per_call=steps)
        .fit(epochs=2)
        .history["loss"]
        for steps in (3, 100)
    ]
    assert batches.steps_per_epoch == 11
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)


def test_schedule_sets_rate_and_momentum_of_each_step():
    batches = pipeline()
    steps = batches.steps_per_epoch
    schedule = OneCycle(steps, steps, first=1e-3, highest=1e-2, last=1e-4)
    model = build("affine_pnn", optimizer=ScheduledAdam(1e-3))
    trainer = CompiledTrainer(model, batches, schedule=schedule)
    losses = trainer.fit(epochs=2).history["loss"]

    def set_rates(twin, step):
        rate, momentum = schedule.table(step, 1)
        twin.optimizer.learning_rate = rate[0]
        twin.optimizer.momentum.assign(momentum[0])

    twin = build("affine_pnn", optimizer=ScheduledAdam(1e-3))
    plain = plain_losses(twin, batches, 2, set_rates)
    np.testing.assert_allclose(losses, plain, rtol=1e-4)


def test_ten_members_compile_once_and_equal_fresh_trainings():
    batches = pipeline(balance="full")
    trainer = CompiledTrainer(build("affine_pnn"), batches)
    members = []
    for seed in range(10):
        trainer.reset(seed)
        members.append(trainer.fit(epochs=1).history["loss"][0])
    assert trainer.traces == 1
    assert len(set(members)) == 10
    fresh = CompiledTrainer(build("affine_pnn", seed=7), batches)
    np.testing.assert_allclose(
        fresh.fit(epochs=1).history["loss"][0], members[7], rtol=1e-6
    )


def test_another_pipeline_of_the_same_shape_needs_no_new_program():
    trainer = CompiledTrainer(build("affine_pnn"), pipeline(balance="full"))
    trainer.fit(epochs=1)
    trainer.use(pipeline(balance="full", events=toy_events(seed=9)))
    trainer.fit(epochs=1)
    assert trainer.traces == 1


def test_dropout_compiles_once_and_trains_alike():
    """Six trainings each way from the same weights, each dropping units of its own."""
    batches = pipeline(balance="full", events=toy_events(1000))
    model, twin = build("affine_pnn", dropout=0.3), build("affine_pnn", dropout=0.3)
    trainer, start = CompiledTrainer(model, batches), model.get_weights()
    twin.optimizer.build(twin.trainable_variables)
    weights, optimizer = InitialWeights(twin, None), InitialOptimizer(twin.optimizer)
    compiled, plain = [], []
    for seed in range(6):
        trainer.reset(seed)
        model.set_weights(start)
        compiled.append(trainer.fit(epochs=2).history["loss"][-1])
        weights.assign(seed)
        optimizer.assign(twin.trainable_variables)
        twin.set_weights(start)
        plain.append(plain_losses(twin, batches, 2)[-1])
    assert trainer.traces == 1
    assert len(set(compiled)) == 6, "each drops units of its own"
    error = np.hypot(*(np.std(one, ddof=1) / 6**0.5 for one in (compiled, plain)))
    assert abs(np.mean(compiled) - np.mean(plain)) < 3.5 * error
    without = build("affine_pnn")
    without.set_weights(start)
    (*_, loss) = CompiledTrainer(without, batches).fit(epochs=2).history["loss"]
    assert abs(loss - np.mean(compiled)) > 3.5 * error, "dropout must act"


def test_validation_and_callbacks_are_those_of_keras():
    batches = pipeline(balance="full")
    model = build("affine_pnn")
    events = toy_events(300, seed=3)
    m = np.full((300, 1), 1000.0, "float32")
    data = (
        {"x": events.features, "m": m},
        events.label[:, None],
        events.training_weight,
    )
    stop = keras.callbacks.EarlyStopping("val_loss", patience=0, min_delta=10.0)
    history = CompiledTrainer(model, batches).fit(
        epochs=5, validation=data, callbacks=[stop]
    )
    assert len(history.history["val_loss"]) == 2, "early stopping acts"
    x, y, w = data
    expected = model.evaluate(x, y, sample_weight=w, verbose=0)
    np.testing.assert_allclose(history.history["val_loss"][-1], expected, rtol=1e-5)


class AsksToo(keras.callbacks.Callback):
    """Evaluates other events than those of the fit, in the middle of it."""

    def __init__(self, data):
        super().__init__()
        self.data, self.found = data, []

    def on_epoch_end(self, epoch, logs=None):  # noqa: ARG002
        x, y, w = self.data
        self.found.append(self.model.evaluate(x, y, sample_weight=w, verbose=0))


def test_validation_in_several_batches_and_metrics_are_those_of_keras(monkeypatch):
    monkeypatch.setattr("kerashep.training.compiled_evaluation.BATCH", 64)
    batches = pipeline("single_nn", balance="full")
    keras.utils.set_random_seed(1)
    model = create_model("single_nn", num_features=4, units=(8,), kernel_l2=1e-3)
    model.compile("adam", "binary_crossentropy", weighted_metrics=["AUC"])
    both = [
        ({"x": e.features}, e.label[:, None], e.training_weight)
        for e in (toy_events(300, seed=3), toy_events(200, seed=4))
    ]
    asks = AsksToo(both[1])
    trainer = CompiledTrainer(model, batches)
    history = trainer.fit(epochs=2, validation=both[0], callbacks=[asks]).history
    for (x, y, w), found in (
        (both[0], [history["val_loss"][-1], history["val_AUC"][-1]]),
        (both[1], asks.found[-1]),
    ):
        expected = model.evaluate(x, y, sample_weight=w, verbose=0)
        np.testing.assert_allclose(found, expected, rtol=1e-5)
    trainer.fit(epochs=1, validation=both[0])
    assert trainer._evaluation.traces == 1


def test_initial_epoch_continues_where_an_earlier_fit_ended():
    batches = pipeline()
    whole, parts = build("affine_pnn"), build("affine_pnn")
    CompiledTrainer(whole, batches).fit(epochs=2)
    trainer = CompiledTrainer(parts, batches)
    trainer.fit(epochs=1)
    trainer.fit(epochs=2, initial_epoch=1)
    for a, b in zip(whole.get_weights(), parts.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_scalers_of_other_folds_need_no_new_program():
    stages = (PhiRotation((Vector("px", "py"),)),)
    trainer = None
    for seed in (0, 1):
        events = toy_events(640, seed=seed)
        scaler = FeatureScaler.fit(events)
        batches = pipeline("single_nn", transforms=stages, scaler=scaler, events=events)
        if trainer is None:
            trainer = CompiledTrainer(build("single_nn"), batches)
        trainer.use(batches)
        trainer.reset(1)
        losses = trainer.fit(epochs=1).history["loss"]
        plain = plain_losses(build("single_nn", seed=1), batches, 1)
        np.testing.assert_allclose(losses, plain, rtol=1e-4)
    assert trainer.traces == 1
    with pytest.raises(ValueError, match="other transforms"):
        trainer.use(pipeline("single_nn", scaler=scaler, events=events))


@pytest.mark.parametrize("balance", ["none", "full"])
def test_streamed_events_train_alike(tmp_path, balance):
    events = toy_events(1500)
    store = EventStore.write([events], tmp_path)
    mass = BackgroundMass.for_events(events, "identical", "sampled")
    batches = StreamedPipeline(
        store,
        batch_size=64,
        rows_in_memory=500,
        balance=balance,
        background_mass=mass,
        seed=3,
    )
    trainer = CompiledTrainer(build("affine_pnn"), batches, steps_per_call=5)
    losses = trainer.fit(epochs=2).history["loss"]
    plain = plain_losses(build("affine_pnn"), batches, 2)
    np.testing.assert_allclose(losses, plain, rtol=1e-4)
    assert trainer.compiled
    assert trainer.traces == (2 if batches.tail else 1)


def test_batches_with_other_inputs_than_the_model_are_refused(tmp_path):
    events = toy_events(300)
    store = EventStore.write([events], tmp_path)
    mass = BackgroundMass.for_events(events, "identical", "sampled")
    whole = StreamedPipeline(store, batch_size=64, background_mass=mass)
    bare = StreamedPipeline(store, batch_size=64, parametric=False)
    with pytest.raises(ValueError, match=r"batches with m, x\. .*parametric=False"):
        CompiledTrainer(build("single_nn"), whole)
    with pytest.raises(ValueError, match=r"inputs m, x\. Received: batches with x\."):
        CompiledTrainer(build("affine_pnn"), bare)
    losses = CompiledTrainer(build("single_nn"), bare).fit(epochs=1).history["loss"]
    plain = plain_losses(build("single_nn"), bare, 1)
    np.testing.assert_allclose(losses, plain, rtol=1e-4)


@keras.saving.register_keras_serializable("test_compiled")
class OwnStep(keras.Model):
    """A subclassed model with its own train step and a log that is no metric."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.hidden = keras.layers.Dense(8, "tanh")
        self.score = keras.layers.Dense(1, "sigmoid")

    def call(self, inputs):
        return self.score(self.hidden(inputs["x"]))

    def train_step(self, data):
        logs = super().train_step(data)
        return {**logs, "batch_weight": tf.reduce_sum(data[2])}


def test_a_subclassed_model_with_its_own_train_step_keeps_its_logs():
    batches = pipeline("single_nn")
    trained = []
    for way in ("compiled", "plain"):
        keras.utils.set_random_seed(3)
        model = OwnStep()
        model.compile(keras.optimizers.Adam(1e-2), "binary_crossentropy")
        if way == "compiled":
            history = CompiledTrainer(model, batches).fit(epochs=1).history
        else:
            last = [
                model.train_on_batch(x, y, sample_weight=w, return_dict=True)
                for x, y, w in batches.batches(0)
            ][-1]
        trained.append(model.get_weights())
    assert history["batch_weight"][0] == pytest.approx(last["batch_weight"], rel=1e-5)
    for ours, theirs in zip(*trained, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-3, atol=2e-5)


class NumpyLayer(keras.layers.Layer):
    """XLA cannot compile a call into Python."""

    def call(self, x):
        y = tf.py_function(lambda t: t * 2.0, [x], tf.float32)
        y.set_shape(x.shape)
        return y + 0.0 * x


def python_model():
    keras.utils.set_random_seed(1)
    x = keras.Input((4,), name="x")
    hidden = keras.layers.Dense(4, activation="tanh")(NumpyLayer()(x))
    model = keras.Model({"x": x}, keras.layers.Dense(1, "sigmoid")(hidden))
    model.compile(keras.optimizers.Adam(1e-2), "binary_crossentropy", jit_compile=False)
    return model


def test_a_model_that_xla_cannot_compile_falls_back_with_one_warning():
    batches = pipeline("single_nn")
    trainer = CompiledTrainer(python_model(), batches)
    with pytest.warns(UserWarning, match="XLA cannot compile the train step") as caught:
        losses = trainer.fit(epochs=2).history["loss"]
    assert len([w for w in caught if "XLA cannot" in str(w.message)]) == 1
    assert not trainer.compiled
    plain = plain_losses(python_model(), batches, 2)
    np.testing.assert_allclose(losses, plain, rtol=1e-4)


def test_an_evaluation_that_xla_cannot_compile_says_so_once():
    trainer = CompiledTrainer(python_model(), pipeline("single_nn"))
    events = toy_events(300, seed=3)
    data = ({"x": events.features}, events.label[:, None], events.training_weight)
    with pytest.warns(UserWarning, match="XLA cannot compile the evaluation") as caught:
        history = trainer.fit(epochs=2, validation=data).history
    said = [w for w in caught if "cannot compile the evaluation" in str(w.message)]
    assert len(said) == 1
    assert not trainer._evaluation.compiled
    x, y, w = data
    expected = trainer.model.evaluate(x, y, sample_weight=w, verbose=0)
    np.testing.assert_allclose(history["val_loss"][-1], expected, rtol=1e-5)


def test_a_model_compiled_for_several_steps_a_call_misses_none():
    batches, model = pipeline("single_nn"), build("single_nn")
    model.compile("adam", "binary_crossentropy", steps_per_execution=4)
    trainer = CompiledTrainer(model, batches, steps_per_call=2)
    losses = trainer.fit(epochs=2).history["loss"]
    assert int(model.optimizer.iterations) == 2 * batches.steps_per_epoch
    assert model.steps_per_execution == 4
    single = build("single_nn")
    single.compile("adam", "binary_crossentropy")
    again = CompiledTrainer(single, batches, steps_per_call=2).fit(epochs=2)
    assert losses == again.history["loss"]
    plain = build("single_nn", optimizer=keras.optimizers.Adam())
    np.testing.assert_allclose(losses, plain_losses(plain, batches, 2), rtol=1e-4)


def test_evaluations_miss_no_batch_either_during_and_after_the_fit():
    model, twin = build("single_nn"), build("single_nn")
    model.compile("adam", "binary_crossentropy", steps_per_execution=4)
    both = [
        ({"x": e.features}, e.label[:, None], e.training_weight)
        for e in (toy_events(300, seed=3), toy_events(200, seed=4))
    ]
    asks = AsksToo(both[1])
    trainer = CompiledTrainer(model, pipeline("single_nn"))
    history = trainer.fit(epochs=1, validation=both[0], callbacks=[asks]).history
    twin.set_weights(model.get_weights())
    for (x, y, w), found in zip(both, [history["val_loss"], asks.found], strict=True):
        expected = twin.evaluate(x, y, sample_weight=w, verbose=0)
        after = model.evaluate(x, y, sample_weight=w, verbose=0)
        np.testing.assert_allclose([found[-1], after], [expected] * 2, rtol=1e-5)


@pytest.mark.parametrize("middle", [None, NumpyLayer()], ids=["xla", "fallback"])
def test_noise_layers_run_in_blocks_in_the_tail_and_without_xla(middle):
    keras.utils.set_random_seed(1)
    x = keras.Input((4,), name="x")
    noisy = keras.layers.GaussianNoise(0.3)(x if middle is None else middle(x))
    noisy = keras.layers.AlphaDropout(0.1)(noisy)
    model = keras.Model({"x": x}, keras.layers.Dense(1, "sigmoid")(noisy))
    model.compile("adam", "binary_crossentropy", jit_compile=False)
    batches = pipeline("single_nn")
    assert batches.tail
    trainer = CompiledTrainer(model, batches)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if middle else "error")
        losses = trainer.fit(epochs=3).history["loss"]
    assert trainer.compiled is (middle is None)
    assert np.isfinite(losses).all()
    assert len(set(losses)) == 3


def test_uncompiled_model_is_refused():
    model = create_model("single_nn", num_features=4, units=(4,))
    with pytest.raises(ValueError, match="must be compiled"):
        CompiledTrainer(model, pipeline("single_nn"))


@pytest.mark.parametrize(
    ("optimizer", "options", "pattern"),
    [
        ("adam", {}, "moves the momentum, which is fixed in the optimizer Adam"),
        (
            keras.optimizers.SGD(
                keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
            ),
            {},
            "has a learning-rate schedule of its own",
        ),
        ("adam", {"run_eagerly": True}, "run_eagerly=True` cannot run compiled"),
    ],
)
def test_what_cannot_be_compiled_as_asked_is_refused(optimizer, options, pattern):
    model = create_model("single_nn", num_features=4, units=(4,))
    model.compile(optimizer, "binary_crossentropy", **options)
    with pytest.raises(ValueError, match=pattern):
        CompiledTrainer(model, pipeline("single_nn"), schedule=OneCycle(5, 5))


def test_no_warning_where_nothing_falls_back():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        CompiledTrainer(build("single_nn"), pipeline("single_nn")).fit(epochs=1)
