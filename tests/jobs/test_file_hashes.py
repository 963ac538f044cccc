import hashlib
from dataclasses import replace

import pytest

from kerashep.evaluation.mass_metrics import MassMetrics
from kerashep.evaluation.measured import Measured
from kerashep.export.served_model_info import ServedModelInfo
from kerashep.jobs.file_hashes import REMARK, file_hashes, trained_on, with_remark


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "events.csv"
    path.write_bytes(b"pt,label\n50,1\n")
    return path


@pytest.fixture
def info(file):
    return ServedModelInfo(("pt",), training_files=file_hashes([file]))


def test_hashes_are_of_the_content(file, tmp_path):
    expected = hashlib.sha256(b"pt,label\n50,1\n").hexdigest()
    assert file_hashes([file, tmp_path / "gone.csv"]) == (expected,)


def test_a_copy_under_another_name_is_recognised(file, info, tmp_path):
    copy, other = tmp_path / "copy.csv", tmp_path / "other.csv"
    copy.write_bytes(file.read_bytes())
    other.write_bytes(b"pt,label\n51,1\n")
    said = []
    assert trained_on([other, copy], info, said.append)
    (text,) = said
    assert "Warning: " in text
    assert "copy.csv" in text
    assert "other.csv" not in text
    assert not trained_on([other], info, said.append)
    assert not trained_on([], info, said.append)
    assert len(said) == 1


@pytest.mark.parametrize("described", [True, False])
def test_models_of_unknown_files_say_nothing(file, info, described):
    other = replace(info, training_files=()) if described else None
    assert not trained_on([file], other, pytest.fail)


def test_every_number_is_flagged():
    one = Measured(0.5, 0.1)
    metrics = MassMetrics(500.0, one, one, one, one, one, one, 10, 10, flags=("few",))
    assert [m.flags for m in with_remark([metrics])] == [("few", REMARK)]
