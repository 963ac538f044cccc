from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kerashep.data.tables import read_table, table_info
from kerashep.data.writers import table_writer
from kerashep.export import (
    LoadedScorer,
    Predictor,
    predict_file,
    predictor,
    score_column,
)
from kerashep.export.programs import Program


@pytest.fixture(scope="module")
def scorer(parametric, info):
    return LoadedScorer(
        Path("model.keras"), predictor(parametric, batch_size=128), info
    )


@pytest.fixture
def table(raw_events, info):
    x = raw_events(500)
    columns = {name: x[:, i] for i, name in enumerate(info.feature_names)}
    return {"event": np.arange(500), **columns, "weight": np.linspace(0.5, 2, 500)}


def write(path, table):
    with table_writer(path) as writer:
        writer.write(table)
    return path


@pytest.mark.parametrize("suffix", ["root", "parquet", "csv", "csv.gz", "h5"])
def test_scores_are_added_to_every_format(scorer, table, info, tmp_path, suffix):
    source = write(tmp_path / f"events.{suffix}", table)
    output = tmp_path / f"scored.{suffix}"
    summary = predict_file(
        scorer, source, output, masses_gev=[500, 612.5], chunk_rows=150
    )
    assert summary.events == 500
    assert summary.score_columns == ("score_m500", "score_m612p5")
    result = read_table(output)
    assert list(result) == [*table, *summary.score_columns]
    for name, column in table.items():
        np.testing.assert_allclose(result[name], column, rtol=1e-6)
    x = np.stack([table[name] for name in info.feature_names], axis=1)
    for name, mass in zip(summary.score_columns, (500, 612.5), strict=True):
        np.testing.assert_allclose(result[name], scorer(x, mass), atol=1e-5)


def test_formats_may_differ(scorer, table, tmp_path):
    source = write(tmp_path / "events.parquet", table)
    predict_file(scorer, source, tmp_path / "scored.root", masses_gev=750)
    assert "score_m750" in read_table(tmp_path / "scored.root", tree="events")


def test_the_training_masses_are_the_default(scorer, table, tmp_path):
    source = write(tmp_path / "events.parquet", table)
    summary = predict_file(scorer, source, tmp_path / "scored.parquet")
    assert summary.score_columns == ("score_m500", "score_m1000", "score_m1500")


def test_only_a_chunk_is_in_memory(info, table, tmp_path):
    seen, totals = [], []

    def run(batch):
        seen.append(len(batch["x"]))
        return batch["x"][:, 1]

    program = Program({"x": (4,), "m": (1,)}, run, None)
    scorer = LoadedScorer(Path("m"), Predictor(program, batch_size=10_000), info)
    for suffix in ("csv", "parquet", "root"):
        seen.clear()
        totals.clear()
        source = write(tmp_path / f"events.{suffix}", table)
        predict_file(
            scorer,
            source,
            tmp_path / f"scored.{suffix}",
            masses_gev=[500, 1000],
            chunk_rows=120,
            progress=totals.append,
        )
        assert max(seen) <= 240  # two masses
        assert sum(seen) == 1000
        assert totals[-1] == 500
        assert len(totals) >= 5


def test_kept_columns(scorer, table, tmp_path):
    source = write(tmp_path / "events.parquet", table)
    output = tmp_path / "scored.parquet"
    predict_file(scorer, source, output, masses_gev=[500], keep=["event"])
    assert list(read_table(output)) == ["event", "score_m500"]


def test_other_column_names(scorer, table, tmp_path):
    renamed = {("pt(l)" if k == "lep_pt" else k): v for k, v in table.items()}
    source = write(tmp_path / "events.parquet", renamed)
    with pytest.raises(ValueError, match=r"lacks 1 column.*: lep_pt"):
        predict_file(scorer, source, tmp_path / "out.parquet", masses_gev=[500])
    predict_file(
        scorer,
        source,
        tmp_path / "out.parquet",
        masses_gev=[500],
        columns={"lep_pt": "pt(l)"},
    )
    plain = write(tmp_path / "plain.parquet", table)
    predict_file(scorer, plain, tmp_path / "same.parquet", masses_gev=[500])
    np.testing.assert_array_equal(
        *(read_table(tmp_path / f"{n}.parquet")["score_m500"] for n in ("out", "same"))
    )
    with pytest.raises(ValueError, match=r"'lep_ptt', which is no feature.*'lep_pt'"):
        predict_file(
            scorer,
            source,
            tmp_path / "out.parquet",
            masses_gev=[500],
            columns={"lep_ptt": "event"},
        )


def test_a_model_without_description_needs_all_columns(
    parametric, table, info, tmp_path
):
    bare = LoadedScorer(Path("bare.keras"), predictor(parametric, batch_size=64), None)
    source = write(tmp_path / "events.parquet", table)
    with pytest.raises(ValueError, match=r"'bare\.keras' does not say which features"):
        predict_file(bare, source, tmp_path / "out.parquet", masses_gev=[500])
    with pytest.raises(ValueError, match="Say at which masses"):
        predict_file(bare, source, tmp_path / "out.parquet")
    names = {name: name for name in info.feature_names}
    predict_file(bare, source, tmp_path / "o.parquet", masses_gev=[500], columns=names)
    assert "score_m500" in read_table(tmp_path / "o.parquet")


def test_a_model_without_parameters(unconditional, unconditional_info, table, tmp_path):
    scorer = LoadedScorer(
        Path("m"), predictor(unconditional, batch_size=64), unconditional_info
    )
    source = write(tmp_path / "events.parquet", table)
    assert predict_file(scorer, source, tmp_path / "o.parquet").score_columns == (
        "score",
    )
    with pytest.raises(ValueError, match="takes no mass"):
        predict_file(scorer, source, tmp_path / "o.parquet", masses_gev=[500])


def test_extrapolation_warns_and_is_reported(scorer, table, tmp_path):
    source = write(tmp_path / "events.parquet", table)
    with pytest.warns(UserWarning, match="mass = 1800 is outside the trained range"):
        summary = predict_file(
            scorer, source, tmp_path / "o.csv", masses_gev=[500, 1800]
        )
    assert summary.extrapolated == ("mass = 1800",)


def test_nan_is_counted_and_refused(scorer, table, tmp_path):
    table["met"][[130, 131, 260]] = np.nan
    source = write(tmp_path / "events.parquet", table)
    message = r"Column 'met' has 2 missing .* rows 100 to 199, the first in row 130"
    with pytest.raises(ValueError, match=message):
        predict_file(
            scorer, source, tmp_path / "o.parquet", masses_gev=[500], chunk_rows=100
        )
    assert [path.name for path in tmp_path.iterdir()] == ["events.parquet"]


def test_missing_values_the_model_knows(scorer, info, table, tmp_path):
    table["met"][:3] = -999.0
    table["m_jj"][7] = np.nan
    source = write(tmp_path / "events.csv", table)
    knows = replace(
        scorer, info=replace(info, allow_missing=True, missing_value=-999.0)
    )
    summary = predict_file(knows, source, tmp_path / "o.csv", masses_gev=[500])
    assert summary.missing == 4
    x = np.stack([table[name] for name in info.feature_names], axis=1)
    x[:3, 2] = np.nan
    scores = read_table(tmp_path / "o.csv")["score_m500"]
    np.testing.assert_allclose(scores, knows(x, 500), atol=1e-5)
    table["met"][5] = np.inf
    source = write(tmp_path / "events.parquet", table)
    with pytest.raises(ValueError, match="Column 'met' has 1 infinite values"):
        predict_file(knows, source, tmp_path / "o.parquet", masses_gev=[500])


def test_another_unit_scale_warns(scorer, table, tmp_path):
    table["m_jj"] = table["m_jj"] * 1000
    table["lep_pt"] = table["lep_pt"] / 1e6
    source = write(tmp_path / "events.parquet", table)
    with pytest.warns(UserWarning, match="has another scale") as caught:
        predict_file(scorer, source, tmp_path / "o.parquet", masses_gev=[500])
    texts = [str(warning.message) for warning in caught]
    assert len(texts) == 2
    assert "'m_jj' (trained in GeV)" in texts[1]
    assert "It looks like MeV" in texts[1]
    assert "'lep_pt'" in texts[0]
    assert "Check its unit" in texts[0]


def test_features_in_mev_are_refused(scorer, table, tmp_path):
    for name in ("lep_pt", "met", "m_jj"):
        table[name] = table[name] * 1000
    source = write(tmp_path / "events.parquet", table)
    message = r"3 of the 3 .*'lep_pt', 'met', 'm_jj'.* look like MeV.*Divide"
    with pytest.raises(ValueError, match=message):
        predict_file(scorer, source, tmp_path / "o.parquet", masses_gev=[500])
    assert not (tmp_path / "o.parquet").exists()


@pytest.mark.filterwarnings("error")
def test_ordinary_events_do_not_warn(scorer, table, tmp_path):
    table["lep_eta"][:] = 0.3  # constant, as in a tight selection
    source = write(tmp_path / "events.parquet", table)
    predict_file(scorer, source, tmp_path / "o.parquet", masses_gev=[500])


def test_text_features_and_taken_names_raise(scorer, table, tmp_path):
    source = write(tmp_path / "events.csv", {**table, "score_m500": table["met"]})
    with pytest.raises(ValueError, match="already has the columns score_m500"):
        predict_file(scorer, source, tmp_path / "o.csv", masses_gev=[500])
    text = {**table, "met": np.array(["high"] * 500, dtype=object)}
    source = write(tmp_path / "text.csv", text)
    message = "Column 'met' must hold numbers. Received: str values such as 'high'"
    with pytest.raises(ValueError, match=message):
        predict_file(scorer, source, tmp_path / "o.csv", masses_gev=[500])


@pytest.mark.parametrize("kind", ["string", "large_string", "dictionary", "timestamp"])
def test_a_parquet_column_that_is_no_number_is_named(scorer, table, tmp_path, kind):
    texts = pa.array([f"{value:.3f}" for value in table["met"]])
    column = {
        "string": texts,
        "large_string": texts.cast(pa.large_string()),
        "dictionary": texts.dictionary_encode(),
        "timestamp": pa.array(range(500)).cast(pa.timestamp("s")),
    }[kind]
    pq.write_table(pa.table({**table, "met": column}), tmp_path / "in.parquet")
    with pytest.raises(ValueError, match=r"Column 'met' must hold numbers\. Received:"):
        predict_file(
            scorer, tmp_path / "in.parquet", tmp_path / "o.csv", masses_gev=[500]
        )
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize("suffix", ["parquet", "root", "h5", "csv"])
def test_a_file_without_events_gives_one_without_events(
    scorer, table, tmp_path, suffix
):
    table["name"] = np.array(["x"] * 500, object)
    empty = {name: column[:0] for name, column in table.items()}
    source = write(tmp_path / f"in.{suffix}", empty)
    output = tmp_path / f"out.{suffix}"
    with pytest.warns(UserWarning, match="holds no events to score"):
        summary = predict_file(scorer, source, output, masses_gev=[500, 750])
    assert (summary.events, summary.missing) == (0, 0)
    found = table_info(output)
    assert found.names == (*table, "score_m500", "score_m750")
    assert not found.rows
    if suffix == "parquet":
        given, written = pq.read_schema(source), pq.read_schema(output)
        assert [written.field(name).type for name in given.names] == given.types


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({}, "trained without missing values: remove those events"),
        ({"allow_missing": True}, "write NaN, which the model knows"),
        ({"allow_missing": True, "missing_value": -1}, "write -1, which the model"),
    ],
)
def test_values_that_look_missing_are_noticed(
    scorer, info, table, tmp_path, changes, advice
):
    table["met"][[3, 170, 480]] = -999
    source = write(tmp_path / "events.parquet", table)
    other = replace(scorer, info=replace(info, **changes))
    message = rf"hold -999 .*500 events looked at: 'met' in 3\..*{advice}"
    with pytest.warns(UserWarning, match=message):
        predict_file(
            other, source, tmp_path / "o.csv", masses_gev=[500], chunk_rows=150
        )


@pytest.mark.parametrize("masses", [[], [500, 500]])
def test_masses_must_be_given_once(scorer, table, tmp_path, masses):
    source = write(tmp_path / "events.parquet", table)
    with pytest.raises(ValueError, match="Masses must be given, each once"):
        predict_file(scorer, source, tmp_path / "o.parquet", masses_gev=masses)


@pytest.mark.parametrize(
    ("parameters", "names", "column"),
    [
        ((500.0,), ("mass",), "score_m500"),
        ((612.5,), ("mass",), "score_m612p5"),
        ((612.1,), ("mass",), "score_m612p1"),
        ((500.0, -0.3), ("mass", "coupling"), "score_mass500_couplingminus0p3"),
    ],
)
def test_score_columns(parameters, names, column):
    assert score_column(parameters, names) == column


def test_jagged_columns_are_named(scorer, table, tmp_path):
    import uproot

    path = tmp_path / "jagged.root"
    jets = [[1.0, 2.0], [3.0], []] * 166 + [[1.0], [2.0]]
    import awkward

    with uproot.recreate(path) as file:
        branches = {**table, "jet_pt": awkward.Array(jets)}
        types = {k: awkward.type(awkward.Array(v)).content for k, v in branches.items()}
        file.mktree("events", types)
        file["events"].extend(branches)
    with pytest.warns(UserWarning, match="not flat are not copied: .*jet_pt"):
        predict_file(scorer, path, tmp_path / "out.root", masses_gev=[500])
    assert "jet_pt" not in read_table(tmp_path / "out.root")


@pytest.mark.parametrize("suffix", ["parquet", "root", "h5"])
def test_a_csv_column_may_turn_fractional_or_blank_later(
    scorer, table, tmp_path, suffix
):
    count = len(next(iter(table.values())))
    weight = np.ones(count)
    weight[-1] = 0.25
    order = [""] * count
    order[0], order[-2] = "3", "4"
    lines = [
        ",".join([*(repr(float(v[i])) for v in table.values()), f"{w:g}", o])
        for i, (w, o) in enumerate(zip(weight, order, strict=True))
    ]
    source = tmp_path / "in.csv"
    source.write_text("\n".join([",".join([*table, "w", "order"]), *lines]) + "\n")
    output = tmp_path / f"out.{suffix}"
    predict_file(scorer, source, output, masses_gev=[500.0], chunk_rows=count // 3)
    written = read_table(output, ["w", "order"])
    np.testing.assert_array_equal(written["w"], weight)
    expected = [float(text or "nan") for text in order]
    np.testing.assert_array_equal(written["order"], expected)
