import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from hub.analytics.graph import interactions_of
from hub.analytics.layout import place
from hub.exports.body import body_html
from hub.exports.html import POLICY, to_html
from hub.exports.picture import draw
from tests.fakes.transcripts import PAYLOADS, deliberation, hostile

ALLOWED = """
    html head meta title style body main h1 h2 h3 h4 h5 h6 p div span b small dl dt dd section
    article header footer figure details summary table thead tbody tr th td blockquote pre code
    em strong s a ul ol li br hr
    svg g path text defs use tspan metadata rdf:rdf cc:work dc:type dc:format
"""
HARMLESS = """
    lang charset http-equiv content name class id title style href rel role start transform d
    width height x y viewbox version xmlns xmlns:xlink type xmlns:dc xmlns:cc xmlns:rdf rdf:resource
"""


class Collector(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.names, self.links, self.ids, self.open = set(), set(), [], [], []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in ("href", "src", "xlink:href")]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in ("meta", "br", "hr"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in ("meta", "br", "hr"):
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(html):
    collector = Collector()
    collector.feed(html)
    collector.close()
    return collector


def page(t):
    graph = interactions_of(t.thread.title, t.messages, t.turns)
    return to_html(t, draw(graph, place(graph), format="svg").decode())


@pytest.mark.control("S10")
@pytest.mark.parametrize("make", [deliberation, hostile])
def test_a_page_holds_nothing_live_and_closes_what_it_opens(make):
    found = read(page(make()))

    assert found.tags <= set(ALLOWED.split())
    assert found.names <= set(HARMLESS.split())
    assert all(re.match(r"https?://|#m\d+$", link) for link in found.links)
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))


@pytest.mark.control("S10")
def test_the_policy_forbids_everything_but_inline_style():
    html = page(deliberation())

    assert POLICY == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">' in html
    assert html.index("Content-Security-Policy") < html.index("<title>")


@pytest.mark.control("S10")
def test_payloads_are_shown_as_text():
    text = read(page(hostile())).text

    assert PAYLOADS[0] in text
    assert PAYLOADS[1] in text
    assert PAYLOADS[2] in text
    assert not {c for c in text if (ord(c) < 32 and c not in "\n\t") or c in "\u202e\u2066\x9b"}


def test_the_page_tells_who_said_what_with_which_model_at_which_cost():
    text = read(page(deliberation())).text

    for said in (
        "Where should notes live?",
        "openai/gpt-4o",
        "cost $0.0042",
        "hybrid: grok/grok-3-mini has the best blend",
        "2 (67%) won",
        "Decided: SQLite, one file in WAL mode",
        "Notes outlive programs.\nA folder of text needs no promise from us.",
        "no JSON schema",
    ):
        assert said in text


def test_answers_link_to_the_message_they_answer():
    html = page(deliberation())

    assert 'answers <a href="#m2">proposer, 2</a>' in html
    assert '<article id="m2"' in html


def test_an_unknown_cost_is_not_shown_as_zero():
    text = read(page(hostile())).text

    assert "unknown (9 calls without a known price)" in text
    assert re.search(r"\$0(?![.\d])", text) is None


def test_the_same_thread_gives_the_same_page():
    assert page(deliberation()) == page(deliberation())


def test_a_thread_without_graph_decision_or_messages_has_a_page():
    empty = replace(deliberation(), messages=(), turns={}, decisions=(), usage=None)

    html = to_html(empty, None)

    assert "<figure>" not in html
    assert read(html).open == []


def test_both_colour_schemes_are_in_the_page():
    html = page(deliberation())

    assert "@media(prefers-color-scheme:dark)" in html
    assert "color-scheme:light dark" in html


def test_markdown_is_rendered():
    html = body_html("# Title\n\n**bold** ~~gone~~ `x`\n\n| a |\n|---|\n| 1 |\n\n```py\n<x>\n```")

    assert "<h4>Title</h4>" in html
    assert "<strong>bold</strong> <s>gone</s> <code>x</code>" in html
    assert "<td>1</td>" in html
    assert "<pre><code>&lt;x&gt;\n</code></pre>" in html


@pytest.mark.control("S3")
@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        (
            "[here](https://example.org/a)",
            (
                '<a href="https://example.org/a" rel="noopener noreferrer nofollow">here</a>'
                " (https://example.org/a)"
            ),
        ),
        (
            "<https://example.org>",
            '<a href="https://example.org" rel="noopener noreferrer nofollow">https://example.org</a>',
        ),
        (
            "[a](https://еxample.org)",
            (
                '<a href="https://xn--xample-2of.org" rel="noopener noreferrer nofollow">a</a>'
                " (https://xn--xample-2of.org)"
            ),
        ),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("[x](mailto:a@b.c)", "x (mailto:a@b.c)"),
        ("[x](../secret)", "x (../secret)"),
        ("![alt](https://evil.example/p.png)", "[image: alt, https://evil.example/p.png]"),
        ("[![a](b.png)](https://e.org)", None),
    ],
)
def test_links_go_to_the_web_and_say_where_and_images_are_words(markdown, html):
    rendered = body_html(markdown)

    assert "<img" not in rendered
    assert html is None or rendered == f"<p>{html}</p>\n"


def test_a_text_too_long_to_parse_is_shown_as_it_is():
    html = body_html("*a* <b>\n" * 30_000)

    assert html.startswith('<pre class="plain">*a* &lt;b&gt;\n')


def test_several_pictures_on_a_page_keep_their_ids_and_references_apart():
    t = deliberation()
    graph = interactions_of(t.thread.title, t.messages, t.turns)
    svg = draw(graph, place(graph), format="svg").decode()

    found = read(to_html(t, svg, {"Again": svg, "<b>Once more</b>": svg}))

    assert len(found.ids) == len(set(found.ids))
    assert {link[1:] for link in found.links if link.startswith("#")} <= set(found.ids)
    assert "b" not in found.open
    assert "<b>Once more</b>" in found.text
