"""The arithmetic of the benchmarks, and that one failure does not stop the others."""

import json
import os
import sys

import numpy as np
import pytest
from sklearn.metrics import log_loss

from benchmarks import goals, losses, timing
from benchmarks.alternatives import ams_scan
from benchmarks.alternatives.matrix_products import flops_of_step, layer_shapes
from benchmarks.events import make_sample, weighted_loss
from benchmarks.goals import Goal, compared, headline, markdown_table, plain_table
from benchmarks.growth import slowest_to_quickest
from benchmarks.memory import peaks_gb
from benchmarks.process import Launch, WorkerError, WorkerProcess
from benchmarks.race import Alternative, race
from benchmarks.simulator import rate
from benchmarks.timing import Ratio, Timing

FASTER = Goal("training", 3.0, 5.0)
CLOSE = Goal("members", 1.05, 1.0, at_most=True)
TIMINGS = {
    "plain": Timing((8.0, 9.0, 7.0), (4.0, 4.0, 4.0)),
    "ours": Timing((2.0, 3.0, 2.0), (1.0, 1.0, 1.0)),
}


def test_ratio_of_medians_with_its_spread_over_the_rounds():
    row = compared(FASTER, TIMINGS, "plain", "ours", clock="wall")
    assert (row["measured"], row["lowest"], row["highest"]) == (4.0, 3.0, 4.0)
    assert row["must_reached"]
    assert not row["aim_reached"]
    assert row["cpu"]["median"] == 4.0


def test_different_amounts_of_work_are_counted():
    ten, one = Timing((10.2,), (10.2,)), Timing((1.0,), (1.0,))
    row = compared(CLOSE, {"ten": ten, "one": one}, "ten", "one", per=0.1)
    assert row["measured"] == pytest.approx(1.02)
    assert row["must_reached"]
    assert not row["aim_reached"]


def test_processor_time_is_the_headline_only_where_elapsed_time_scatters():
    quiet, loaded = Ratio(4.0, 3.9, 4.1), Ratio(4.0, 2.0, 6.0)
    assert headline(quiet, quiet) == "wall"
    assert headline(loaded, quiet) == "cpu"
    assert headline(quiet, loaded) == "wall"


def test_what_failed_stands_in_the_tables():
    row = compared(FASTER, TIMINGS, "lumin", "ours")
    done = compared(FASTER, TIMINGS, "plain", "ours", clock="wall")
    for table in (plain_table([row, done]), markdown_table([row, done])):
        assert "not measured: lumin failed" in table
        assert "4.00 x" in table
    assert "must reached" in plain_table([done])


def test_growth_compares_slowest_with_quickest():
    timings = {"small": Timing((1.0, 2.0), (1.0, 1.1)), "large": TIMINGS["ours"]}
    timings["large"] = Timing((2.0, 3.0), (1.1, 1.1))
    found = slowest_to_quickest(timings, "wall")
    assert found.median == pytest.approx(2.5 / 1.5)
    assert (found.lowest, found.highest) == (1.5, 2.0)


def test_rate_is_the_amount_over_the_time():
    found = rate(TIMINGS["plain"], 504, "wall")
    assert (found.median, found.lowest, found.highest) == (63.0, 56.0, 72.0)


def test_scan_of_the_ams_is_repeated_on_the_same_events():
    work = ams_scan.build({"events": 3000})
    work.run("ams_scan")
    best = work.outcome("ams_scan")
    work.run("ams_scan")
    assert work.outcome("ams_scan") == best
    assert 0 < best["ams"] < 10
    label, _, weight = work.columns
    assert weight[label == 1].sum() == pytest.approx(691.99)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_peak_memory_of_a_process_with_and_without_mapped_files(tmp_path):
    (tmp_path / "file").write_bytes(b"1" * 100_000_000)
    code = (
        "import mmap, sys, time\n"
        "held = b'1' * 200_000_000\n"
        "file = open(sys.argv[1], 'rb')\n"
        "mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)\n"
        "mapped.find(b'2')\n"
        "time.sleep(0.5)\n"
    )
    own, resident = peaks_gb([code, "file"], tmp_path)
    assert 0.2 < own < 0.3
    assert resident > own + 0.09
    with pytest.raises(RuntimeError, match="ValueError: no"):
        peaks_gb(["raise ValueError('no')"], tmp_path)


def test_shapes_and_operations_of_the_matrix_products():
    shapes = layer_shapes("dense", 33)
    assert [inputs for inputs, _ in shapes] == [33, 66, 99, 132, 165, 198, 33]
    forward = 33 * (33 + 66 + 99 + 132 + 165 + 198) + 33
    assert flops_of_step(shapes, 256) == 2 * 256 * (3 * forward - 33 * 33)
    weights = sum(i * o for i, o in layer_shapes("affine_pnn", 27))
    assert weights == 27 * 300 + 300 * 150 + 150 * 100 + 100 * 50 + 50


def test_events_follow_from_the_seed_and_hold_a_signal():
    sample, again = make_sample(5000, 8, parametric=True), make_sample(5000, 8)
    np.testing.assert_array_equal(sample.x, again.x)
    assert not np.array_equal(sample.x, make_sample(5000, 8, seed=1).x)
    assert sample.w.mean() == pytest.approx(1.0, abs=1e-5)
    assert sample.x.dtype == sample.w.dtype == sample.y.dtype == np.float32
    x0, x1 = sample.x[:, 0], sample.x[:, 1]
    assert np.corrcoef(x0 * x1, sample.y[:, 0])[0, 1] > 0.2


def test_loss_is_that_of_scikit_learn():
    sample = make_sample(2000, 8)
    scores = np.random.default_rng(0).uniform(0.05, 0.95, (2000, 1)).astype("float32")
    expected = log_loss(sample.y[:, 0], scores[:, 0], sample_weight=sample.w)
    assert weighted_loss(scores, sample) == pytest.approx(expected, rel=1e-6)


def test_one_failing_alternative_does_not_stop_the_others():
    settings = {"network": "dense", "features": 8, "batch_size": 16}
    good = {**settings, "events": 50, "epochs": 1}
    found = race(
        [
            Alternative("good", Launch("matrix_products", good)),
            Alternative("bad", Launch("matrix_products", settings)),
            Alternative("absent", Launch("no_such_module", good)),
        ],
        rounds=2,
    )
    assert set(found.timings) == {"good"}
    assert len(found.timings["good"].wall_seconds) == 2
    assert "KeyError" in found.failures["bad"]
    assert "No module named" in found.failures["absent"]
    steps = flops_of_step(layer_shapes("dense", 8), 16) * 3
    steps += flops_of_step(layer_shapes("dense", 8), 2)
    assert found.outcomes["good"]["gflop"] == pytest.approx(steps / 1e9)


def test_a_worker_that_does_not_answer_is_given_up():
    settings = {"network": "dense", "features": 8, "batch_size": 16}
    launch = Launch("matrix_products", {**settings, "events": 50, "epochs": 1})
    worker = WorkerProcess(launch, {max(os.sched_getaffinity(0))})
    with pytest.raises(WorkerError, match="no answer within"):
        worker.answer(seconds=0.001)
    with pytest.raises(WorkerError, match="did not come in time"):
        worker.ask("run train")
    worker.end()
    assert worker.process.poll() is not None


def test_losses_stand_beside_times_and_one_that_did_not_train_is_marked(tmp_path):
    content = {
        "timings": {
            name: {"wall_seconds": [2.0, 3.0, 4.0], "cpu_seconds": [1.0, 1.0, 9.0]}
            for name in ("ours", "theirs", "idle", "products")
        },
        "outcomes": {
            "ours": {"held_out_loss": 0.5},
            "theirs": {"held_out_loss": 0.51},
            "idle": {"held_out_loss": 0.69},
            "products": {"gflop": 3.0},
        },
    }
    lines = {line[0]: line[1:] for line in losses.alternatives_of(content)}
    assert lines["ours"] == ("3.00", "1.00", "0.5000")
    assert lines["idle"][-1] == "0.6900 (!)"
    assert lines["products"][-1] == ""
    assert "0.6900 (!)" in losses.plain_alternatives(content)
    (tmp_path / "race.json").write_text(json.dumps(content))
    (tmp_path / "other.json").write_text(json.dumps({"timings": {}, "rows": []}))
    table = losses.markdown_alternatives(["race", "other", "absent"], tmp_path)
    assert table.startswith("| race: alternative |")
    assert table.count("| --- ") == 4


def test_a_time_is_a_row_in_seconds():
    goal = goals.Goal("work", 180, 120, at_most=True, unit="s")
    timings = {"a": timing.Timing((100.0, 150.0), (90.0, 95.0))}
    row = goals.seconds(goal, timings, "a")
    assert row["measured"] == 125.0
    assert row["must_reached"]
    assert not row["aim_reached"]
    assert "125 s" in goals.plain_table([row])
    assert goals.seconds(goal, timings, "b")["measured"] is None
