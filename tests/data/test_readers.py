import math
import warnings
from pathlib import Path

import numpy as np
import pytest

from kerashep.data.column_map import ColumnMap
from kerashep.data.readers import read_events
from kerashep.data.writers import table_writer

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
SUFFIXES = ("parquet", "csv", "csv.gz", "h5", "root")
ROWS = 400
MAP = ColumnMap(
    features=["pt", "eta"],
    feature_units={"pt": "GeV"},
    parameters={"mass": "m_X"},
    weight="w",
    process="proc",
    event_id="id",
    undefined_parameter=0,
)


def content(**changes) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    label = np.arange(ROWS) % 2
    table = {
        "pt": rng.exponential(50, ROWS).astype("float32"),
        "eta": rng.normal(size=ROWS),
        "label": label,
        "m_X": np.where(label == 1, rng.choice([500.0, 1000.0], ROWS), 0.0),
        "w": rng.random(ROWS) + 0.1,
        "proc": np.where(label == 1, 7, 12),
        "id": np.arange(ROWS) + 10**14,
    }
    return {**table, **changes}


def write(path: Path, table: dict[str, np.ndarray]) -> Path:
    with table_writer(path) as writer:
        writer.write(table)
    return path


def read(path, columns=MAP, **arguments):
    return read_events(path, columns, provenance="simulated", **arguments)


def changed(**fields) -> ColumnMap:
    return ColumnMap(**{**MAP.model_dump(), **fields})


def need(name: str) -> Path:
    if not (SHARED / name).exists():
        pytest.skip("the shared data sets are not here")
    return SHARED / name


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_gives_the_same_events(suffix, tmp_path):
    table = content()
    events = read(write(tmp_path / f"events.{suffix}", table))
    np.testing.assert_allclose(events.column("pt"), table["pt"], rtol=1e-6)
    np.testing.assert_allclose(events.column("eta"), table["eta"], rtol=1e-6)
    np.testing.assert_array_equal(events.label, table["label"])
    np.testing.assert_allclose(events.weight, table["w"])
    np.testing.assert_array_equal(events.event_id, table["id"])
    mass = np.where(table["label"] == 1, table["m_X"], np.nan)
    np.testing.assert_array_equal(events.column("mass"), mass)
    assert events.process_names == ("7", "12")
    np.testing.assert_array_equal(events.process, 1 - table["label"])
    assert events.feature_units == ("GeV", "")
    assert events.provenance == "simulated"
    assert events.features.dtype == np.float32
    assert events.features.flags.c_contiguous


def test_chunks_do_not_change_the_events(tmp_path, monkeypatch):
    path = write(tmp_path / "events.csv", content())
    whole = read(path)
    monkeypatch.setattr("kerashep.data.source._CHUNK_ROWS", 33)
    parts = read(path)
    for name in ("features", "label", "weight", "process", "event_id", "parameters"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


def test_files_with_constants(tmp_path):
    background = {"pt": np.ones(3, "f4"), "eta": np.zeros(3), "w": np.ones(3)}
    paths = [
        write(tmp_path / "tt.root", background),
        write(tmp_path / "x500.parquet", {**background, "pt": np.full(3, 2.0)}),
        write(tmp_path / "x1000.csv", {**background, "pt": np.full(3, 3.0)}),
    ]
    columns = ColumnMap(features=["pt", "eta"], weight="w")
    events = read(
        paths,
        columns,
        label=[0, 1, 1],
        process=["ttbar", "X", "X"],
        weight_scale=[2.0, 0.5, 0.25],
        parameters=[None, {"mass": 500.0}, {"mass": 1000.0}],
    )
    assert events.label.tolist() == [0] * 3 + [1] * 6
    assert events.process_names == ("ttbar", "X")
    assert events.process.tolist() == [0] * 3 + [1] * 6
    assert events.weight.tolist() == [2.0] * 3 + [0.5] * 3 + [0.25] * 3
    mass = [np.nan] * 3 + [500.0] * 3 + [1000.0] * 3
    np.testing.assert_array_equal(events.column("mass"), mass)
    assert events.column("pt").tolist() == [1] * 3 + [2] * 3 + [3] * 3
    assert events.event_id.tolist() == list(range(9))


def test_background_files_need_no_parameter_column(tmp_path):
    background = write(tmp_path / "tt.h5", {"pt": np.ones(3), "eta": np.ones(3)})
    table = {k: v for k, v in content().items() if k not in ("label", "proc")}
    signal = write(tmp_path / "x.h5", table)
    columns = ColumnMap(features=["pt", "eta"], parameters={"mass": "m_X"})
    events = read(background, columns, label=0)
    assert np.isnan(events.column("mass")).all()
    with pytest.raises(ValueError, match=r"tt\.h5' has no column 'm_X'"):
        read(background, columns, label=1)
    with pytest.raises(ValueError, match=r"Nothing gives parameter 'width' of .*tt.h5"):
        read(
            [background, signal],
            columns,
            label=1,
            parameters=[{"mass": 500.0}, {"width": 3.0}],
        )


@pytest.mark.parametrize(
    ("label", "signal_label", "expected"),
    [
        (np.array(["s", "b", "s"], object), ["s"], [1, 0, 1]),
        (np.array([3, -1, 2]), [2, 3], [1, 0, 1]),
        (np.array([1.0, 0.0, 1.0]), [1], [1, 0, 1]),
        (np.array([True, False, True]), [1], [1, 0, 1]),
        (np.array([1, 0, 1]), ["1"], [1, 0, 1]),
    ],
)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_labels(label, signal_label, expected, suffix, tmp_path):
    path = write(tmp_path / f"e.{suffix}", {"pt": np.arange(3.0), "label": label})
    columns = ColumnMap(features=["pt"], signal_label=signal_label)
    events = read(path, columns)
    assert events.label.tolist() == expected
    assert events.process_names == ("background", "signal")
    assert events.process.tolist() == expected


def test_processes_are_numbered_alike_over_files(tmp_path):
    names = [["wjets", "ttbar", "ttbar", "X"], ["X", "qcd", "ttbar", "qcd"]]
    paths = [
        write(
            tmp_path / f"{i}.csv",
            {"pt": np.arange(4.0), "proc": np.array(n, object), "label": [0, 1, 0, 1]},
        )
        for i, n in enumerate(names)
    ]
    events = read(paths, ColumnMap(features=["pt"], process="proc"))
    assert events.process_names == ("X", "ttbar", "wjets", "qcd")
    assert [events.process_names[i] for i in events.process] == names[0] + names[1]


def test_missing_values(tmp_path):
    table = content()
    table["eta"][[3, 8]] = -999.0
    path = write(tmp_path / "events.parquet", table)
    events = read(path, changed(missing_value=-999))
    assert events.allow_missing
    assert np.flatnonzero(np.isnan(events.column("eta"))).tolist() == [3, 8]
    with pytest.warns(UserWarning, match=r"hold -999 .*400 .*'eta' in 2.*: -999`"):
        assert read(path).column("eta")[3] == -999
    table["eta"][5] = np.nan
    path = write(tmp_path / "events.parquet", table)
    with pytest.raises(ValueError, match=r"'eta' of .* has 1 NaN.*in row 5"):
        read(path, changed(missing_value=-999))
    with pytest.warns(UserWarning, match=r"'eta' in 2.*declared missing value \(nan\)"):
        events = read(path, changed(missing_value=math.nan))
    assert np.isnan(events.column("eta")).sum() == 1


@pytest.mark.parametrize("sentinel", [1e300, np.inf])
def test_a_sentinel_beyond_float32_is_missing(sentinel, tmp_path):
    table = content()
    table["eta"][3] = sentinel
    path = write(tmp_path / "events.parquet", table)
    column = read(path, changed(missing_value=sentinel)).column("eta")
    assert np.flatnonzero(np.isnan(column)).tolist() == [3]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_not_finite_values_are_counted_over_chunks(suffix, tmp_path, monkeypatch):
    monkeypatch.setattr("kerashep.data.source._CHUNK_ROWS", 100)
    table = content()
    table["eta"][[120, 130, 390]] = np.nan
    table["pt"][250] = np.inf
    path = write(tmp_path / f"events.{suffix}", table)
    message = (
        r"Column 'eta' of '.*events\..*' has 3 NaN or infinite.*row 120.*'pt' \(1\)"
    )
    with pytest.raises(ValueError, match=message):
        read(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pt": np.full(ROWS, 1e39)}, "'pt' of .* has 400 NaN or infinite"),
        (
            {"pt": np.array(["high"] * ROWS, object)},
            "'pt' .* str values such as 'high'",
        ),
        ({"w": np.full(ROWS, np.nan)}, "'w' of .* has 400 NaN or infinite weights"),
        ({"w": np.zeros(ROWS)}, r"All weights of the signal are zero \(column 'w'"),
        ({"w": -np.ones(ROWS)}, r"400 of 400 events \(100.00%\) have a negative"),
        ({"label": np.zeros(ROWS)}, "no signal.*'label' of .* holds 0; `signal_label`"),
        (
            {"label": np.ones(ROWS), "m_X": np.full(ROWS, 500.0)},
            "no background.*holds 1; `signal_label` is .1.* add the files of the miss",
        ),
        ({"label": np.full(ROWS, np.nan)}, "'label' of .* has 400 empty labels"),
        (
            {"m_X": np.zeros(ROWS)},
            "'m_X' of .* has 200 signal values that are undefined",
        ),
        ({"id": np.full(ROWS, 0.5)}, "'id' of .* has 400 event ids that are no exact"),
        (
            {"id": np.array(["run:1"] * ROWS, object)},
            "'id' .* str values such as 'run:1'",
        ),
        ({"proc": np.full(ROWS, np.nan)}, "'proc' of .* has 400 empty processes"),
    ],
)
def test_bad_values_are_named(changes, message, tmp_path):
    path = write(tmp_path / "events.parquet", content(**changes))
    with pytest.raises(ValueError, match=message):
        read(path)


def test_a_continuous_column_is_no_process(tmp_path, monkeypatch):
    monkeypatch.setattr("kerashep.data.source._MOST_PROCESSES", 50)
    path = write(tmp_path / "events.parquet", content())
    with pytest.raises(ValueError, match=r"'eta'.*does not look like a process"):
        read(path, ColumnMap(features=["pt"], process="eta"))


def test_wrong_arguments(tmp_path):
    path = write(tmp_path / "events.parquet", content())
    with pytest.raises(ValueError, match=r"no column 'm_x'. Did you mean 'm_X'"):
        read(path, changed(parameters={"mass": "m_x"}))
    with pytest.raises(ValueError, match="`signal_label` has the text 'sig'"):
        read(path, changed(signal_label=["sig"]))
    with pytest.raises(ValueError, match="Nothing tells signal from background"):
        read(path, changed(label=None))
    with pytest.raises(
        ValueError, match=r"`label` must be one value, or one a file \(1"
    ):
        read(path, label=[0, 1])
    with pytest.raises(ValueError, match="Received: label=2"):
        read(path, label=2)
    with pytest.raises(ValueError, match="at least one file"):
        read([])
    with pytest.raises(ValueError, match=r"Unknown policy.*Did you mean 'keep'"):
        read(path, negative_weights="kep")


def test_an_empty_file_is_named(tmp_path):
    empty = {name: column[:0] for name, column in content().items()}
    path = write(tmp_path / "empty.root", empty)
    with pytest.raises(ValueError, match=r"empty\.root' holds no events"):
        read(path)


@pytest.mark.parametrize(("factor", "guess"), [(1e-3, "TeV"), (1e3, "MeV")])
def test_masses_in_another_unit_are_refused(factor, guess, tmp_path):
    table = content()
    path = write(tmp_path / "e.parquet", {**table, "m_X": table["m_X"] * factor})
    message = (
        rf"Masses must be in GeV; parameter 'mass' .*{guess}.*`mass_{guess.lower()}`"
    )
    with pytest.raises(ValueError, match=message):
        read(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("mass_tev", "mass_gev"):
            read(path, changed(parameters={name: "m_X"}))


def test_features_in_mev_are_noticed(tmp_path):
    table = content()
    path = write(tmp_path / "e.parquet", {**table, "pt": table["pt"] * 1e3 + 1e5})
    with pytest.warns(UserWarning, match=r"feature 'pt'.*declared GeV.*MeV"):
        read(path)
    with pytest.warns(UserWarning, match=r"feature 'pt'.*taken for GeV by its name"):
        read(path, changed(feature_units={}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(path, changed(feature_units={"pt": "MeV"}))


def test_negative_weights_follow_the_policy(tmp_path):
    weight = content()["w"]
    weight[:5] *= -1
    path = write(tmp_path / "events.parquet", content(w=weight))
    with pytest.raises(ValueError, match="5 of 400 events"):
        read(path)
    assert read(path, negative_weights="keep").weight.sum() == pytest.approx(
        weight.sum()
    )
    with pytest.warns(UserWarning, match="changes the total yield"):
        assert len(read(path, negative_weights="drop")) == ROWS - 5


@pytest.mark.filterwarnings("error")
def test_pythia_hepmass_file():
    path = need("hepmass_pythia_30k.parquet")
    from kerashep.data.tables import column_names

    features = [name for name in column_names(path) if name not in ("label", "mass")]
    columns = ColumnMap(
        features=features, parameters={"mass": "mass"}, undefined_parameter=0
    )
    events = read_events(path, columns, provenance="pythia")
    assert len(events) == 30_000
    assert events.features.shape[1] == 27
    signal = events.label == 1
    masses = np.unique(events.column("mass")[signal])
    assert masses.tolist() == [500, 750, 1000, 1250, 1500]
    assert np.isnan(events.column("mass")[~signal]).all()


@pytest.mark.filterwarnings("error")
def test_higgsml_file():
    path = need("higgsml_16000.csv.gz")
    columns = ColumnMap(
        features=["DER_mass_MMC", "DER_mass_vis", "PRI_jet_num", "PRI_jet_leading_pt"],
        label="Label",
        signal_label=["s"],
        weight="KaggleWeight",
        event_id="EventId",
        missing_value=-999,
    )
    events = read_events(path, columns, provenance="real")
    assert events.event_id.tolist() == list(range(100_000, 116_000))
    missing = np.isnan(events.column("PRI_jet_leading_pt"))
    np.testing.assert_array_equal(missing, events.column("PRI_jet_num") == 0)
    assert 0.3 < events.label.mean() < 0.4
    assert events.weight.min() > 0


def test_undeclared_missing_values_of_higgsml_are_noticed():
    path = need("higgsml_16000.csv.gz")
    columns = ColumnMap(
        features=["DER_mass_MMC", "PRI_jet_num", "PRI_jet_leading_phi", "PRI_met"],
        label="Label",
        signal_label=["s"],
    )
    with pytest.warns(UserWarning, match="hold -999") as caught:
        read_events(path, columns, provenance="real")
    (warning,) = caught
    assert "'DER_mass_MMC' in " in str(warning.message)
    assert "'PRI_jet_leading_phi' in " in str(warning.message)
    assert "PRI_met" not in str(warning.message)


def test_heptutorial_ntuple():
    path = need("single_top.root")
    columns = ColumnMap(features=["MET_px", "MET_py", "NJet"], weight="EventWeight")
    events = read_events(
        path, columns, provenance="real", label=1, process="single_top"
    )
    assert len(events) == 5684
    assert events.process_names == ("single_top",)
    with pytest.raises(ValueError, match="'Jet_Px' is a jagged"):
        read_events(path, ColumnMap(features=["Jet_Px"]), provenance="real", label=1)
