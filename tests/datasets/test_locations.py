"""Where files are looked for."""

import pytest

from kerashep.datasets.locations import data_place, find_file, user_cache

ADVICE = "Get it from there."


def test_preferred_name_first(tmp_path):
    for name in ("b.csv", "a.csv", "x1.csv"):
        (tmp_path / name).write_text("1")
    found = find_file(tmp_path, ("none.csv", "b.csv", "*.csv"), "any", ADVICE)
    assert found.name == "b.csv"
    assert find_file(tmp_path / "x1.csv", ("b.csv",), "any", ADVICE).name == "x1.csv"
    with pytest.raises(ValueError, match=r"could be meant: a.csv, b.csv, x1.csv"):
        find_file(tmp_path, ("*.csv",), "any", ADVICE)


def test_default_places(tmp_path, monkeypatch):
    monkeypatch.delenv("KERASHEP_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"No file '.*any'. Get it from there"):
        find_file(None, ("a.csv",), "any", ADVICE)
    monkeypatch.setenv("KERASHEP_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"Nothing like a.csv is in"):
        find_file(None, ("a.csv",), "any", ADVICE)
    (tmp_path / "a.csv").write_text("1")
    assert find_file(None, ("a.csv",), "any", ADVICE) == tmp_path / "a.csv"


def test_place_is_the_given_one_else_the_variable_else_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KERASHEP_DATA", raising=False)
    assert (
        data_place(None, "any") == user_cache("any") == tmp_path / "cache/kerashep/any"
    )
    monkeypatch.setenv("KERASHEP_DATA", "~/data")
    assert data_place(None, "any") == tmp_path / "data"
    assert data_place("~/mine", "any") == tmp_path / "mine"
