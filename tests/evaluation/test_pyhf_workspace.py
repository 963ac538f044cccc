"""The workspace against the documented schema and an independent likelihood."""

import json
import math

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from kerashep.evaluation import (
    asimov_significance,
    binned_significance,
    pyhf_workspace,
    write_pyhf_workspace,
)


@pytest.fixture
def binned():
    rng = np.random.default_rng(0)
    label = (rng.random(20_000) < 0.3).astype(int)
    score = rng.normal(size=20_000) + 1.5 * label
    weight = np.where(label == 1, 0.005, 0.1)
    return binned_significance(label, score, weight, bins=4)


NUMBER, TEXT = (int, float), (str,)
# Object -> property -> its JSON type; all are required and no other is allowed.
SCHEMA = {
    "workspace": {
        "channels": ["channel"],
        "measurements": ["measurement"],
        "observations": ["observation"],
        "version": TEXT,
    },
    "channel": {"name": TEXT, "samples": ["sample"]},
    "sample": {"name": TEXT, "data": [NUMBER], "modifiers": ["modifier"]},
    "observation": {"name": TEXT, "data": [NUMBER]},
    "measurement": {"name": TEXT, "config": "config"},
    "config": {"poi": TEXT, "parameters": ["parameter"]},
    "parameter": {"name": TEXT, "inits": [NUMBER], "bounds": [[NUMBER]]},
    "normfactor": {"name": TEXT, "type": TEXT, "data": (type(None),)},
    "normsys": {"name": TEXT, "type": TEXT, "data": "limits"},
    "limits": {"lo": NUMBER, "hi": NUMBER},
    "staterror": {"name": TEXT, "type": TEXT, "data": [NUMBER]},
}


def check(value, kind):
    """Walks a document by the tables of pyhf's schema 1.0.0."""
    if isinstance(kind, list):
        assert isinstance(value, list)
        assert value
        for item in value:
            check(item, kind[0])
    elif isinstance(kind, str):
        kind = value["type"] if kind == "modifier" else kind
        assert set(value) == set(SCHEMA[kind])
        for name, item in value.items():
            check(item, SCHEMA[kind][name])
    else:
        assert type(value) in kind


def modifiers(workspace, kind):
    """Channel by channel, the modifiers of a kind of all its samples."""
    for channel in workspace["channels"]:
        every = (m for sample in channel["samples"] for m in sample["modifiers"])
        yield [m for m in every if m["type"] == kind]


def relative_errors(workspace):
    """`(bins,)` of all channels: errors of both samples over their sum."""
    errors = []
    for channel, found in zip(
        workspace["channels"], modifiers(workspace, "staterror"), strict=True
    ):
        nominal = np.sum([sample["data"] for sample in channel["samples"]], axis=0)
        squares = np.sum([np.square(m["data"]) for m in found], axis=0)
        errors.append(np.sqrt(squares) / nominal)
    return np.concatenate(errors)


def q0(workspace):
    """Discovery significance of the observed counts, by an own HistFactory fit."""
    observed = np.concatenate([one["data"] for one in workspace["observations"]])
    signal, background = (
        np.concatenate([c["samples"][i]["data"] for c in workspace["channels"]])
        for i in (0, 1)
    )
    errors = relative_errors(workspace)
    free = errors > 0
    limits = [m["data"] for found in modifiers(workspace, "normsys") for m in found]
    low, high = (limits[0][name] if limits else 1.0 for name in ("lo", "hi"))

    def twice_negative_log(mu, alpha, pulls):
        factor = high**alpha if alpha >= 0 else low**-alpha
        gamma = np.ones(len(observed))
        gamma[free] += errors[free] * pulls
        rate = (mu * signal + factor * background) * gamma
        poisson = 2 * np.sum(rate - observed * np.log(rate))
        return poisson + alpha**2 + np.sum(pulls**2)

    start = np.zeros(2 + free.sum())
    start[0] = 1.0
    null, best = (
        minimize(objective, start, method="BFGS", options={"gtol": 1e-6}).fun
        for objective in (
            lambda p: twice_negative_log(0.0, p[1], p[2:]),
            lambda p: twice_negative_log(p[0], p[1], p[2:]),
        )
    )
    return math.sqrt(max(null - best, 0.0))


def without_statistical_errors(workspace):
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            sample["modifiers"] = [
                m for m in sample["modifiers"] if m["type"] != "staterror"
            ]
    return workspace


@pytest.mark.parametrize("systematic", [0.0, 0.1])
def test_follows_the_schema(binned, systematic):
    document = pyhf_workspace(
        {"a": binned.yields, "b": binned.yields}, systematic=systematic
    )
    check(document, "workspace")
    assert document["version"] == "1.0.0"
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_holds_the_yields_and_their_errors(binned):
    document = pyhf_workspace({"higgs": binned.yields}, systematic=0.1)
    (channel,) = document["channels"]
    signal, background = channel["samples"]
    assert signal["data"] == binned.yields.signal.tolist()
    assert background["data"] == binned.yields.background.tolist()
    kinds = [[m["type"] for m in s["modifiers"]] for s in (signal, background)]
    assert kinds == [["normfactor", "staterror"], ["staterror", "normsys"]]
    for sample, errors in (
        (signal, binned.yields.signal_error),
        (background, binned.yields.background_error),
    ):
        statistical = {m["type"]: m for m in sample["modifiers"]}["staterror"]
        assert statistical["name"] == "staterror_higgs"
        assert statistical["data"] == errors.tolist()
    assert background["modifiers"][1]["data"] == {"lo": 0.9, "hi": 1.1}
    total = binned.yields.signal + binned.yields.background
    assert document["observations"] == [{"name": "higgs", "data": total.tolist()}]
    assert document["measurements"][0]["config"]["poi"] == "mu"
    assert signal["modifiers"][0]["name"] == "mu"


def test_fit_expects_the_binned_significance(binned):
    document = pyhf_workspace({"higgs": binned.yields})
    expected = binned.significance
    assert q0(without_statistical_errors(document)) == pytest.approx(expected, rel=1e-4)


def test_channels_add_in_quadrature_and_uncertainties_cost(binned):
    two = {"a": binned.yields, "b": binned.yields}
    plain = q0(without_statistical_errors(pyhf_workspace(two)))
    assert plain == pytest.approx(math.sqrt(2) * binned.significance, rel=1e-4)
    statistical = q0(pyhf_workspace(two))
    both = q0(pyhf_workspace(two, systematic=0.3))
    assert both < statistical < plain


def test_systematic_of_one_bin_is_near_the_asimov_formula():
    rng = np.random.default_rng(1)
    label = np.repeat([1, 0], [3000, 10_000])
    one = binned_significance(label, rng.random(13_000), np.full(13_000, 0.01), cuts=[])
    document = pyhf_workspace({"all": one.yields}, systematic=0.1)
    expected = float(asimov_significance(30.0, 100.0, systematic=0.1))
    ours = q0(without_statistical_errors(document))
    assert ours == pytest.approx(expected, rel=0.03)


def test_observed_counts_are_written(binned):
    counts = np.array([30.0, 20.0, 10.0, 5.0])
    document = pyhf_workspace({"higgs": binned.yields}, observed={"higgs": counts})
    assert document["observations"] == [{"name": "higgs", "data": counts.tolist()}]


def test_file_is_the_document(binned, tmp_path):
    document = pyhf_workspace({"higgs": binned.yields}, systematic=0.1)
    write_pyhf_workspace(tmp_path / "deep" / "workspace.json", document)
    text = (tmp_path / "deep" / "workspace.json").read_text(encoding="utf-8")
    assert json.loads(text) == document


def test_bad_arguments_are_refused(binned):
    channels = {"higgs": binned.yields}
    with pytest.raises(ValueError, match=r"at least one channel"):
        pyhf_workspace({})
    with pytest.raises(ValueError, match=r"`systematic` must be in \[0, 1\).*=1.0"):
        pyhf_workspace(channels, systematic=1.0)
    with pytest.raises(
        ValueError, match=r"expected shapes \{'higgs': \(4,\)\}.*\(3,\)"
    ):
        pyhf_workspace(channels, observed={"higgs": [1, 2, 3]})
    empty = type(binned.yields)(
        np.array([0.5]), np.ones(2), np.array([1.0, 0.0]), np.ones(2), np.ones(2)
    )
    with pytest.raises(ValueError, match=r"channel 'tail'.*background 0 in bin 1"):
        pyhf_workspace({"tail": empty})


def expected_by_pyhf(document):
    """Discovery significance of the observed counts; pyhf checks its own schema."""
    pyhf = pytest.importorskip("pyhf", exc_type=ImportError)
    workspace = pyhf.Workspace(document)
    model = workspace.model()
    p_value = pyhf.infer.hypotest(0.0, workspace.data(model), model, test_stat="q0")
    return norm.isf(float(p_value))


def test_pyhf_expects_the_binned_significance(binned):
    document = without_statistical_errors(pyhf_workspace({"higgs": binned.yields}))
    assert expected_by_pyhf(document) == pytest.approx(binned.significance, rel=1e-3)


def test_pyhf_fits_the_same_significance_with_uncertainties(binned):
    two = {"a": binned.yields, "b": binned.yields}
    document = pyhf_workspace(two, systematic=0.1)
    assert expected_by_pyhf(document) == pytest.approx(q0(document), rel=0.02)
