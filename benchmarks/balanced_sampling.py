"""Balanced batches from resident events: kerashep against tf.data, on one core.

    python -m benchmarks.balanced_sampling [--quick]

The work: batches of 1024 events, half signal split evenly over five masses, half
background split over two processes, with the background mass drawn anew, from 4
million events of 28 float32 features; as a `tf.data.Dataset` batches of 8192 besides.
All alternatives shuffle within their sub-classes, hand out features, mass, label and
weight, and are timed to the last batch.
"""

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.goals import Goal, compared, plain_table
from benchmarks.timing import (
    Timing,
    alternate,
    as_dict,
    machine,
    pin_to_one_core,
    ratio,
    write_results,
)
from kerashep.data.background_mass import BackgroundMass
from kerashep.data.events import Events
from kerashep.data.pipeline import BatchPipeline

MASSES = (500.0, 750.0, 1000.0, 1250.0, 1500.0)
FEATURES = 28
BATCH = 1024
LARGE_BATCH = 8192
LARGE = "kerashep tf.data.Dataset, 8192"
SHUFFLE_BUFFER = 10_000
NAME = "balanced_sampling"
OURS, ZIPPED = "kerashep NumPy batches", "tf zip and concat"
GOAL = Goal("balanced sampling against zip + concat of per-class datasets", 50, 80)


def make_events(count: int) -> Events:
    """Random features; only the number of events of each kind matters here."""
    rng = np.random.default_rng(0)
    label = (rng.random(count) < 0.5).astype("float32")
    mass = np.where(label == 1, rng.choice(MASSES, count), np.nan)
    return Events(
        features=rng.random((count, FEATURES), dtype="float32"),
        feature_names=tuple(f"feature_{i}" for i in range(FEATURES)),
        label=label,
        provenance="simulated",
        parameters=mass[:, None],
        parameter_names=("mass",),
        process=np.where(label == 1, 2, rng.random(count) < 0.2),
        process_names=("ttbar", "wjets", "X"),
    )


def kerashep_batches(pipeline: BatchPipeline, epochs: int) -> Callable[[], int]:
    """NumPy batches of `epochs` epochs, each time different ones."""
    state = {"epoch": 0}

    def run() -> int:
        events = 0
        for _ in range(epochs):
            for _, label, _ in pipeline.batches(state["epoch"]):
                events += len(label)
            state["epoch"] += 1
        return events

    return run


def kerashep_dataset(pipeline: BatchPipeline) -> Callable[[], int]:
    """One epoch of the `tf.data.Dataset` handed to Keras."""
    dataset = pipeline.as_dataset()

    def run() -> int:
        return sum(len(label) for _, label, _ in dataset)

    return run


def sub_class_datasets(events: Events, share: int, packed: bool) -> list[Any]:
    """One shuffled, repeated `tf.data.Dataset` for each mass and each process.

    Args:
        events: All events.
        share: Only every `share`-th event is put into the data sets, to save memory:
            tf.data takes the same time for each event whatever their number.
        packed: Whether an event is one tensor rather than four.
    """
    import tensorflow as tf

    mass = events.parameters[:, 0]
    rows = [np.flatnonzero(mass == value)[::share] for value in MASSES]
    for process in (0, 1):
        chosen = (events.label == 0) & (events.process == process)
        rows.append(np.flatnonzero(chosen)[::share])
    datasets = []
    for index in rows:
        x, mass_column = events.features[index], events.parameters[index]
        label, weight = events.label[index, None], events.training_weight[index]
        columns: Any = ({"x": x, "m": mass_column}, label, weight)
        if packed:
            columns = np.concatenate([x, mass_column, label, weight[:, None]], axis=1)
        dataset = tf.data.Dataset.from_tensor_slices(columns)
        datasets.append(dataset.shuffle(SHUFFLE_BUFFER).repeat())
    return datasets


def with_drawn_mass(dataset: Any) -> Any:
    """Redraws the mass of background events in each batch; no autotuning."""
    import tensorflow as tf

    def draw(inputs: Any, label: Any, weight: Any) -> Any:
        number = tf.random.uniform(tf.shape(label), 0, len(MASSES), "int32")
        drawn = tf.gather(tf.constant(MASSES), number)
        mass = tf.where(label == 1, inputs["m"], drawn)
        return {"x": inputs["x"], "m": mass}, label, weight

    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.map(draw).prefetch(4).with_options(options)


def tf_sample_from_datasets(datasets: list[Any], batches: int) -> Callable[[], int]:
    """`sample_from_datasets` event by event, then `batch`; counts only on average."""
    import tensorflow as tf

    weights = [0.5 / len(MASSES)] * len(MASSES) + [0.25, 0.25]
    mixed = tf.data.Dataset.sample_from_datasets(datasets, weights)
    dataset = with_drawn_mass(mixed.batch(BATCH, drop_remainder=True))
    return _counter(dataset, batches)


def tf_zip_and_concat(datasets: list[Any], batches: int) -> Callable[[], int]:
    """A batch of each sub-class, zipped and concatenated."""
    import tensorflow as tf

    counts = [103, 103, 102, 102, 102, 256, 256]
    parts = [d.batch(n) for d, n in zip(datasets, counts, strict=True)]

    def join(*batches: Any) -> Any:
        return tf.nest.map_structure(lambda *a: tf.concat(a, axis=0), *batches)

    dataset = with_drawn_mass(tf.data.Dataset.zip(tuple(parts)).map(join))
    return _counter(dataset, batches)


def tf_zip_and_concat_packed(datasets: list[Any], batches: int) -> Callable[[], int]:
    """The same with all columns packed into one tensor, split after the batching.

    Not what one would write at first, but tf.data then handles one component an event
    instead of four.
    """
    import tensorflow as tf

    counts = [103, 103, 102, 102, 102, 256, 256]
    parts = [d.batch(n) for d, n in zip(datasets, counts, strict=True)]

    def join(*batches: Any) -> Any:
        rows = tf.concat(batches, axis=0)
        inputs = {"x": rows[:, :FEATURES], "m": rows[:, FEATURES, None]}
        return inputs, rows[:, FEATURES + 1, None], rows[:, FEATURES + 2]

    dataset = with_drawn_mass(tf.data.Dataset.zip(tuple(parts)).map(join))
    return _counter(dataset, batches)


def _counter(dataset: Any, batches: int) -> Callable[[], int]:
    taken = dataset.take(batches)

    def run() -> int:
        return sum(len(label) for _, label, _ in taken)

    return run


def measure(count: int, rounds: int, peer_batches: int) -> dict[str, Any]:
    """Times all alternatives and returns what goes into the results file."""
    events = make_events(count)
    pipeline = BatchPipeline(
        events,
        batch_size=BATCH,
        balance="full",
        background_mass=BackgroundMass.for_events(events, "identical", "sampled"),
    )
    datasets = sub_class_datasets(events, share=8, packed=False)
    packed = sub_class_datasets(events, share=8, packed=True)
    peers = {
        "tf sample_from_datasets": tf_sample_from_datasets(datasets, peer_batches),
        ZIPPED: tf_zip_and_concat(datasets, peer_batches),
        "tf zip and concat, packed": tf_zip_and_concat_packed(packed, peer_batches),
    }
    large = BatchPipeline(
        events,
        batch_size=LARGE_BATCH,
        balance="full",
        background_mass=BackgroundMass.for_events(events, "identical", "sampled"),
    )
    ours = {
        OURS: kerashep_batches(pipeline, epochs=1),
        "kerashep tf.data.Dataset": kerashep_dataset(pipeline),
        LARGE: kerashep_dataset(large),
    }
    work = ours | peers
    timings = alternate(work, rounds)
    amounts = dict.fromkeys(ours, pipeline.steps_per_epoch * BATCH)
    amounts[LARGE] = large.steps_per_epoch * LARGE_BATCH
    amounts |= dict.fromkeys(peers, peer_batches * BATCH)
    parts = {OURS: sampling_parts(pipeline, timings[OURS])}
    return {**_report(timings, amounts, count), "remaining_time": parts}


def sampling_parts(pipeline: BatchPipeline, whole: Timing) -> dict[str, float]:
    """Processor seconds of an epoch of batches: choosing and gathering the events.

    Args:
        pipeline: What is sampled.
        whole: Times of all batches of an epoch.
    """
    drawing = {"": lambda: [block.index for block in pipeline.blocks(0)]}
    drawn = alternate(drawing, rounds=3)[""].cpu
    return {
        "all batches": whole.cpu,
        "choosing the events, drawing masses of the background": drawn,
        "gathering them": whole.cpu - drawn,
    }


def _report(
    timings: dict[str, Timing], amounts: dict[str, int], count: int
) -> dict[str, Any]:
    fast, per = OURS, amounts[OURS] / amounts[ZIPPED]
    return {
        "rows": [compared(GOAL, timings, ZIPPED, OURS, per=per)],
        "work": __doc__.split("\n\n")[-1].replace("\n", " ").strip() if __doc__ else "",
        "machine": machine("tensorflow", "keras"),
        "events": count,
        "features": FEATURES,
        "batch_size": BATCH,
        "shuffle_buffer_of_tf_data": SHUFFLE_BUFFER,
        "events_per_second": {
            name: {
                "wall": amounts[name] / timing.wall,
                "cpu": amounts[name] / timing.cpu,
            }
            for name, timing in timings.items()
        },
        "times_as_fast_as": {
            name: {
                clock: as_dict(
                    ratio(
                        timing,
                        timings[fast],
                        per=amounts[fast] / amounts[name],
                        clock=clock,
                    )
                )
                for clock in ("wall", "cpu")
            }
            for name, timing in timings.items()
            if name != fast
        },
        "timings": {
            name: {"events": amounts[name], **as_dict(timing)}
            for name, timing in timings.items()
        },
    }


def main(quick: bool = False) -> dict[str, Any]:
    """Measures, prints a table and writes the results file."""
    pin_to_one_core()
    if quick:
        result = measure(count=400_000, rounds=3, peer_batches=40)
    else:
        result = measure(count=4_000_000, rounds=7, peer_batches=200)
    print(f"{'alternative':28} {'events/s':>12} {'per CPU s':>12} {'ours is':>9}")
    for name, rate in result["events_per_second"].items():
        gain = result["times_as_fast_as"].get(name)
        times = f"{gain['wall']['median']:8.1f}x" if gain else ""
        print(f"{name:28} {rate['wall']:12,.0f} {rate['cpu']:12,.0f} {times:>9}")
    print(plain_table(result["rows"]))
    path = write_results(NAME + ("_quick" if quick else ""), result)
    print(f"Written: {path}")
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the events")
    main(quick=parser.parse_args().quick)
