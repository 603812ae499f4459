"""A card as Markdown, HTML and JSON: readable, and harmless whatever people write."""

import json

import pytest

from governance.cards import document, render
from tests.cards.factories import measure, story, written

pytestmark = pytest.mark.django_db


def card(**texts):
    told = story()
    measure(told.blessing.evaluation)
    written(told.version, **texts)
    return document.build(told.version)


def test_markdown_reads_like_a_page():
    text = render.markdown(card())

    assert text.startswith("# Model card of credit-scoring v1\n")
    assert "## What it is for\n" in text
    assert "> Few applicants under 25." in text
    assert "| ROC AUC | 0.790 \\[0.740, 0.840\\], n = 400 | – |" in text
    assert "*Training data: give it when registering" in text


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](https://evil.example/pixel.png)",
        '<a href="https://x" onclick="alert(1)">x</a>',
        "<style>body{display:none}</style>",
        "<svg/onload=alert(1)>",
    ],
)
def test_html_of_people_does_no_harm(attack):
    page = render.html(card(limitations=attack))

    for harm in ("<script", "<img", "<svg", "<style", 'href="javascript', "<a onclick"):
        assert harm not in page.lower()


def test_text_cannot_pose_as_a_section():
    page = render.markdown(card(limitations="None.\n\n## Approved by Bo"))

    assert "\n## Approved" not in page
    assert "> ## Approved by Bo" in page


def test_title_is_taken_literally():
    assert render._plain("a_b | *c* <d>\nnext") == "a\\_b \\| \\*c\\* \\<d\\> next"


def test_links_of_people_are_not_followed_by_robots():
    page = render.safe_html("[policy](https://example.org/p)")

    assert 'rel="noopener noreferrer nofollow"' in page


def test_json_has_every_field_by_its_key():
    written_down = json.loads(json.dumps(render.json(card())))

    fields = written_down["sections"]["limits"]["fields"]
    assert fields["limitations"]["value"] == "Few applicants under 25."
    assert fields["limitations"]["filled"] is True
    assert written_down["sections"]["figures"]["fields"]["metrics"]["value"][0] == {
        "Metric": "ROC AUC",
        "Value": "0.790 [0.740, 0.840], n = 400",
        "Better is": "–",
    }
    assert written_down["digest"].startswith("sha256:")
