import base64
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from kerashep.evaluation import (
    Measured,
    ReportContent,
    ReportFigure,
    ReportTable,
    render_report,
    write_report,
)

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='4' height='4'></svg>"


class Reader(HTMLParser):
    """Balance of tags, images and addresses."""

    void = frozenset({"meta", "img", "br", "link", "hr"})

    def __init__(self):
        super().__init__()
        self.open, self.images, self.links, self.ids = [], [], [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in self.void:
            self.open.append(tag)
        if tag == "img":
            self.images.append(attrs)
        self.links += [attrs[k] for k in ("href", "src") if k in attrs]
        self.ids += [attrs["id"]] if "id" in attrs else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def content(toy_metrics):
    good, _ = toy_metrics
    flagged = [replace(good[0], flags=("Cut at <0>.",)), *good[1:]]
    return ReportContent(
        title="my <run>",
        provenance="simulated",
        model="AffinePNN",
        verdict="Good: 0.9 ± 0.1.",
        per_mass=flagged,
        facts={"Command": "kerashep train x"},
        tables=[
            ReportTable("Limit", ["Mass", "Share"], [["500", "0.99 ± 0.01"]], "Note.")
        ],
        figures=[
            ReportFigure(PIXEL, "One", "First caption.", "A rising curve", "Scores"),
            ReportFigure(SVG, "Two", "Second caption.", "A falling curve", "Scores"),
        ],
        recipe="epochs: 25",
        versions={"keras": "3.15.1"},
        notes=["A note."],
    )


def test_report_is_one_balanced_file_without_outside_addresses(content, tmp_path):
    path = tmp_path / "report.html"
    write_report(path, content)
    text = path.read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    anchors = [link[1:] for link in reader.links if link.startswith("#")]
    assert set(anchors) <= set(reader.ids)
    assert len(reader.ids) == len(set(reader.ids))
    assert all(link.startswith(("#", "data:")) for link in reader.links)
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert "<script" not in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_provenance_alt_texts_and_every_part_are_there(content):
    text = render_report(content)
    reader = Reader()
    reader.feed(text)
    assert [image["alt"] for image in reader.images] == [
        "A rising curve",
        "A falling curve",
    ]
    assert reader.images[0]["src"].startswith("data:image/png;base64,")
    assert reader.images[0]["width"] == "1"
    assert reader.images[1]["src"].startswith("data:image/svg+xml;base64,")
    assert text.count('<span class="badge simulated">simulated</span>') == 4
    for part in (
        "First caption.",
        "epochs: 25",
        "kerashep train x",
        "3.15.1",
        "A note.",
        "0.99 ± 0.01",
    ):
        assert part in text
    assert text.index("Good: 0.9") < text.index("<table")


def test_numbers_have_errors_and_text_is_escaped(content):
    text = render_report(content)
    number = str(content.per_mass[1].roc_auc).split(" ± ")
    assert f'{number[0]} <span class="pm">± {number[1]}</span>' in text
    assert "my &lt;run&gt;" in text
    assert "Cut at &lt;0&gt;." in text
    assert "<run>" not in text


def test_several_parameters_are_shown(content):
    both = [
        replace(one, parameters={"mass": one.mass, "coupling": 0.25})
        for one in content.per_mass
    ]
    text = render_report(replace(content, per_mass=both))
    # Each row of the numbers, the lowest area.
    assert text.count("coupling 0.25") == 3 + 1


def test_bad_content_is_refused(content):
    with pytest.raises(ValueError, match=r"`alt` must describe"):
        ReportFigure(PIXEL, "One", "", " ")
    with pytest.raises(ValueError, match=r"must be PNG or SVG. Received: 4 bytes"):
        ReportFigure(b"GIF8", "One", "", "alt")
    with pytest.raises(ValueError, match=r"one cell a column.*2 columns"):
        ReportTable("T", ["a", "b"], [["1"]])
    with pytest.raises(ValueError, match=r"Unknown provenance 'fake'"):
        replace(content, provenance="fake")
    with pytest.raises(ValueError, match=r"at least one mass"):
        replace(content, per_mass=[])


def test_events_without_a_mass_have_a_report_without_masses(content, toy_metrics):
    one = replace(toy_metrics[0][0], mass=None, parameters={})
    page = render_report(replace(content, per_mass=[one]))
    Reader().feed(page)
    assert "All signal against all background" in page
    assert "GeV" not in page.split("How it was made")[0]


def test_a_regression_has_headlines_and_no_classes(content):
    headlines = [("Resolution", Measured(0.123, 0.004), "of the test events")]
    page = render_report(replace(content, per_mass=[], headlines=headlines))
    Reader().feed(page)
    assert "Resolution" in page
    assert "± 0.0040" in page
    assert "ROC AUC" not in page
    assert 'href="#per-mass"' not in page


def test_the_column_of_the_significance_names_its_definition(content):
    text = render_report(content)
    assert '<th scope="col">s/√(s+b)</th>' in text
    assert "AMS" not in text  # whose formula, with a term against small b, is another
