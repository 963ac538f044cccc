import re
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kerashep.data.column_map import ColumnMap
from kerashep.data.events import Events
from kerashep.data.particle_group import groups_of_lists
from kerashep.data.readers import read_events
from kerashep.data.scaling import FeatureScaler
from kerashep.datasets.resonance import load_resonance
from kerashep.export.served_model_info import ServedModelInfo
from kerashep.export.unit_check import check_units

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
FACTORS = [(1e3, "MeV", "Divide"), (1e-3, "TeV", "Multiply")]


def of_pythia():
    path = SHARED / "hepmass_pythia_30k.parquet"
    if not path.exists():
        pytest.skip("the shared data sets are not here")
    simulated = of_simulation(10)
    units = zip(simulated.feature_names, simulated.feature_units, strict=True)
    columns = ColumnMap(
        features=simulated.feature_names,
        feature_units={name: unit for name, unit in units if unit},
        parameters={"mass": "mass"},
        undefined_parameter=0,
    )
    return read_events(path, columns, provenance="pythia")


def of_simulation(count=1000):
    return load_resonance(signal_events=count, background_events=5 * count, seed=3)


@pytest.fixture(scope="module", params=[of_simulation, of_pythia])
def events(request):
    return request.param()


@pytest.fixture(scope="module", params=["quantiles", "logarithms", "plain", "unitless"])
def info(request, events):
    """Description with quantiles, or of an older model, or without units."""
    gev = [n for n, unit in units_of(events).items() if unit == "GeV"]
    logged = () if request.param == "plain" else gev
    scaler = FeatureScaler.fit(events, log_features=logged, use="none")
    full = ServedModelInfo.from_events(events, scaler=scaler)
    if request.param == "unitless":
        return replace(full, feature_units=())
    return full if request.param == "quantiles" else replace(full, feature_quantiles=())


def units_of(events):
    return dict(zip(events.feature_names, events.feature_units, strict=True))


def scaled(events, factor, names):
    inside = np.isin(events.feature_names, list(names))
    return events.features * np.where(inside, factor, 1).astype("float32")


@pytest.mark.filterwarnings("error")
def test_other_samples_of_the_same_physics_pass(events, info):
    signal, mass = events.label == 1, events.parameters[:, 0]
    check_units(events.features, info)
    check_units(events.features[~signal], info)
    for one in np.unique(mass[signal]):
        check_units(events.features[signal & (mass == one)], info)
    check_units(events.features[:25], info)
    check_units(events.features[:1], info)
    check_units(events.features[:0], info)


@pytest.mark.filterwarnings("error")
def test_one_mass_trained_another_scored(events):
    signal, mass = events.label == 1, events.parameters[:, 0]
    low = events.take(np.flatnonzero(signal & (mass == 500)))
    high = events.take(np.flatnonzero(signal & (mass == 1500)))
    check_units(high.features, ServedModelInfo.from_events(low))
    check_units(low.features, ServedModelInfo.from_events(high))


@pytest.mark.filterwarnings("error")
def test_constant_tag_and_missing_columns_pass(events, info):
    x = np.array(events.features)
    names = list(events.feature_names)
    x[:, names.index("lep_eta")] = 0.001
    x[:, names.index("j1_btag")] = 1
    x[:, names.index("j2_btag")] = 0
    x[:, names.index("met_phi")] = np.nan
    check_units(x, info)


@pytest.mark.parametrize(("factor", "unit", "fix"), FACTORS)
@pytest.mark.parametrize("share", ["all", "background", "signal", "few"])
def test_all_momenta_in_another_unit_are_refused(
    events, info, factor, unit, fix, share
):
    gev = [n for n, u in units_of(events).items() if u == "GeV"]
    rows = {
        "all": slice(None),
        "background": events.label == 0,
        "signal": events.parameters[:, 0] == 1500,
        "few": slice(3),
    }[share]
    with pytest.raises(ValueError, match=r"'lep_pt', 'met', .*\.\.\.") as caught:
        check_units(scaled(events, factor, gev)[rows], info)
    assert f"{fix} them by 1000" in str(caught.value)
    if any(info.feature_units):
        looks = f"look like {unit}; the model was trained in GeV"
        assert looks in str(caught.value)


@pytest.mark.parametrize(("factor", "unit", "_"), FACTORS)
def test_one_feature_in_another_unit_warns(events, info, factor, unit, _):
    for name in ("lep_pt", "met", "m_lv", "m_WWbb"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            check_units(scaled(events, factor, [name]), info)
        (warning,) = caught
        assert f"Feature '{name}'" in str(warning.message)
        assert re.search(r" about (0\.00\d+|\d+) times that", str(warning.message))
        if any(info.feature_units):
            assert f"It looks like {unit}." in str(warning.message)


def test_angles_in_degrees_warn(events, info):
    with pytest.warns(UserWarning, match="'lep_phi' .*another scale.*Check its unit"):
        check_units(scaled(events, 180 / np.pi, ["lep_phi"]), info)


def test_a_model_in_mev_knows_the_unit_of_its_own(events):
    names = [n for n, u in units_of(events).items() if u == "GeV"]
    mev = replace(
        events,
        features=scaled(events, 1000, names),
        feature_units=tuple(u.replace("GeV", "MeV") for u in events.feature_units),
    )
    with pytest.raises(ValueError, match="look like GeV; the model was trained in MeV"):
        check_units(events.features, ServedModelInfo.from_events(mev))


@pytest.mark.filterwarnings("error")
def test_a_description_without_statistics_says_nothing(events):
    bare = ServedModelInfo(feature_names=events.feature_names)
    check_units(events.features * 1000, bare)


def test_soft_and_absent_particles_are_not_compared():
    (group,) = groups_of_lists(2)
    rng = np.random.default_rng(0)
    x = rng.normal(100, 10, (400, 8)).astype("float32")
    x[:330, 4:] = 0
    trained = Events(
        features=x,
        feature_names=("E_0", "PX_0", "PY_0", "PZ_0", "E_1", "PX_1", "PY_1", "PZ_1"),
        feature_units=("GeV",) * 8,
        label=np.arange(400) % 2,
        provenance="pythia",
    )
    info = ServedModelInfo.from_events(trained, particles=[group.model_dump()])
    assert ServedModelInfo.from_json(info.to_json()) == info
    others = x.copy()
    others[:, 4:] = 1e-3 * x[::-1, 4:] + 1e-3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_units(others, info)
        check_units(1e3 * x, replace(info, feature_quantiles=()))
    with pytest.warns(UserWarning, match="another scale"):
        check_units(others, replace(info, particles=()))
    with pytest.raises(ValueError, match="1000 times larger"):
        check_units(1e3 * x, info)
