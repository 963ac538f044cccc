"""Each published model has a card, and the card's numbers are those of its results."""

import json
import re

import pytest

from kerashep._resources import resource_names, resource_root
from kerashep.jobs.ablation_table import ablation_text
from kerashep.jobs.mass_table import mass_text
from kerashep.jobs.study_table import as_text

NAMES = resource_names("recipes", "recipe.yaml")
HEADINGS = (
    "Intended use.",
    "Process and generator.",
    "Inputs.",
    "Training data and splits.",
    "Procedure.",
    "Results.",
    "Valid range",
    "Systematics not covered.",
    "Limitations.",
    "Licence.",
)
REFERENCE = re.compile(r"https://(arxiv\.org/abs|doi\.org)/\S+")


def card(name):
    return (resource_root("recipes") / name / "README.md").read_text(encoding="utf-8")


def results(name):
    path = resource_root("recipes") / name / "results.json"
    content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return content.get("studies", {})


def studies():
    for name in NAMES:
        for study, document in results(name).items():
            yield pytest.param(name, document, id=f"{name}/{study}")


def text_of(document):
    if "regression" in document:
        return mass_text(document)
    return ablation_text(document) if "ablation" in document else as_text(document)


STUDIES = list(studies())
WITHOUT = [name for name in NAMES if not results(name)]


@pytest.mark.parametrize("name", NAMES)
def test_card_has_all_headings_and_a_reference(name):
    text = card(name)
    assert text.startswith("# ")
    missing = [heading for heading in HEADINGS if f"**{heading}" not in text]
    assert not missing
    assert "**Citation.**" in text or REFERENCE.search(text)


@pytest.mark.parametrize(("name", "document"), STUDIES)
def test_card_quotes_its_results_word_for_word(name, document):
    quoted = card(name)
    for block in text_of(document).split("\n\n"):
        assert block in quoted, "the card must hold each table of the results"


@pytest.mark.parametrize("name", WITHOUT)
def test_card_without_results_holds_no_number_of_its_own(name):
    assert "| --- |" not in card(name), "a table that nothing checks"
    assert "±" not in card(name)


def test_card_that_points_at_rows_of_another_names_what_is_there():
    text = card("pnn_resonance")
    (where,) = re.findall(r"\[`(\w+)`\]\(\.\./\w+/README\.md\)", text)
    (row,) = re.findall(r"rows `(\w+)`", text)
    named = re.findall(r"study `(\w+)`", text)
    assert named == ["comparison", "file_comparison"]
    for study in named:
        document = results(where)[study]
        assert row in [one["label"] for one in document["rows"]]
        assert document["title"].startswith("Networks and boosted trees")


def test_a_changed_number_is_noticed():
    name, document = STUDIES[0].values
    changed = json.loads(json.dumps(document))
    changed["rows"][0]["mean_roc_auc"]["value"] += 0.1
    blocks = as_text(changed).split("\n\n")
    assert not all(block in card(name) for block in blocks)
