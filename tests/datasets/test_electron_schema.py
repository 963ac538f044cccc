"""Columns of electron candidates."""

import numpy as np
import pytest

from kerashep.datasets.electron_schema import ELECTRON_SCHEMA as SCHEMA


def test_columns():
    names = SCHEMA.feature_names
    assert len(names) == len(set(names)) == len(SCHEMA.feature_units) == 1170
    assert names[:2] == ("presampler_0_0", "presampler_0_1")
    assert names[77:79] == ("em1_0_0", "em1_0_1")
    assert names[SCHEMA.slices["tracks"]][:6] == (
        *("track_0_pt", "track_0_charge", "track_0_deta", "track_0_dphi", "track_0_d0"),
        "track_1_pt",
    )
    assert names[-2:] == ("abs_eta", "pt")
    assert SCHEMA.columns("scalars") == SCHEMA.scalars
    assert len(SCHEMA.scalars) == 15
    units = dict(zip(names, SCHEMA.feature_units, strict=True))
    assert units["em1_55_10"] == units["track_14_pt"] == units["pt"] == "GeV"
    assert units["d0"] == units["track_14_d0"] == "mm"
    assert units["abs_eta"] == units["track_3_deta"] == units["r_eta"] == ""


def test_split_and_join():
    features = np.arange(2 * 1170, dtype=np.float32).reshape(2, 1170)
    arrays = SCHEMA.split(features)
    assert {name: array.shape[1:] for name, array in arrays.items()} == SCHEMA.shapes
    assert arrays["em1"].base is not None
    for name in ("em2_3_5", "track_7_deta", "f3", "abs_eta"):
        part = next(p for p in SCHEMA.shapes if name in SCHEMA.columns(p))
        place = SCHEMA.columns(part).index(name)
        np.testing.assert_array_equal(
            arrays[part].reshape(2, -1)[:, place],
            features[:, SCHEMA.feature_names.index(name)],
        )
    np.testing.assert_array_equal(SCHEMA.join(arrays), features)


def test_wrong_use():
    with pytest.raises(ValueError, match=r"No part 'em_1'. Did you mean 'em1'"):
        SCHEMA.columns("em_1")
    with pytest.raises(ValueError, match=r"\(candidates, 1170\). Received: shape \(2,"):
        SCHEMA.split(np.zeros((2, 5)))
    arrays = SCHEMA.split(np.zeros((2, 1170)))
    with pytest.raises(ValueError, match=r"`had1` .* \(2, 7, 11\). Received: \(2, 11"):
        SCHEMA.join({**arrays, "had1": np.zeros((2, 11, 7))})
    del arrays["tracks"]
    with pytest.raises(ValueError, match=r"`tracks` .* Received: nothing"):
        SCHEMA.join(arrays)
