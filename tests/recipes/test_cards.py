"""Each published model has a card, and the card's numbers are those of its results."""

import json
import re

import pytest

from kerashep._resources import resource_names, resource_root
from kerashep.jobs.ablation_table import ablation_text
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


def studies():
    for name in NAMES:
        path = resource_root("recipes") / name / "results.json"
        content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        for study, document in content.get("studies", {}).items():
            yield pytest.param(name, document, id=f"{name}/{study}")


def text_of(document):
    return ablation_text(document) if "ablation" in document else as_text(document)


STUDIES = list(studies())


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


def test_a_changed_number_is_noticed():
    name, document = STUDIES[0].values
    changed = json.loads(json.dumps(document))
    changed["rows"][0]["mean_roc_auc"]["value"] += 0.1
    blocks = as_text(changed).split("\n\n")
    assert not all(block in card(name) for block in blocks)
