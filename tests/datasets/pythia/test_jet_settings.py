"""Keys under which generated jets are kept."""

from dataclasses import replace

import pytest

from kerashep.datasets.pythia import jet_settings
from kerashep.datasets.pythia.jet_settings import JetSettings


def test_the_key_depends_on_all_that_the_jets_do(monkeypatch):
    settings = JetSettings("w")
    key = settings.key(0)
    assert key.startswith("w-")
    assert key == JetSettings("w").key(0)
    others = {
        settings.key(1),
        JetSettings("top").key(0),
        replace(settings, pileup=5.0).key(0),
        replace(settings, smeared=False).key(0),
    }
    monkeypatch.setattr(jet_settings, "REVISION", 99)
    others.add(settings.key(0))
    monkeypatch.undo()
    newer = {"pythia8mc": "8.400", "fastjet": "3.5"}
    monkeypatch.setattr(jet_settings, "versions", lambda: newer)
    others.add(settings.key(0))
    assert len(others | {key}) == 7


def test_wrong_settings():
    with pytest.raises(ValueError, match=r"Unknown process 'tops'. Did you mean 'top'"):
        JetSettings("tops")
    with pytest.raises(ValueError, match="must not be negative"):
        JetSettings("top", pileup=-1)
