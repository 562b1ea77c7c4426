"""A thread full of hostile text leaves in every format, and opens harmlessly in its own reader."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import networkx as nx
import pytest
from markdown_it import MarkdownIt

from hub.exports.json_transcript import to_json
from tests.fakes.transcripts import PAYLOADS, hostile
from tests.hub.exports.test_html import ALLOWED, HARMLESS

MEGABYTE = "".join(f"{payload}\n" for payload in PAYLOADS)
MEGABYTE = (MEGABYTE * (1_000_000 // len(MEGABYTE) + 1))[:1_000_000]
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
pytestmark = pytest.mark.control("S10")


@pytest.fixture
def thread(cli):
    """Bring in the hostile thread, one of its messages a megabyte long; return the runner."""
    t = hostile()
    first, *others = t.messages
    Path("hostile.json").write_text(
        to_json(replace(t, messages=(replace(first, body=MEGABYTE), *others)))
    )
    assert cli("import", "hostile.json").status == 0
    Path("hostile.json").unlink()
    return cli


def written(cli, *words: str) -> bytes:
    """Write something into the folder; it has to lie there, alone, under a plain name."""
    result = cli(*words, "-o", ".")
    [path] = Path().iterdir()
    assert (result.status, Path(result.out.strip()).resolve()) == (0, path.resolve())
    assert re.fullmatch(r"[a-z0-9-]+\.[a-z0-9]+", path.name)
    return path.read_bytes()


def test_markdown_has_no_live_element_and_loses_no_message(thread):
    text = written(thread, "export", "last", "--format", "markdown").decode()

    assert not STEERING.search(text)
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        for inner in (token, *(token.children or ())):
            assert inner.type not in ("html_block", "html_inline", "image")
            assert not str(inner.attrs.get("href", "")).startswith(
                ("javascript:", "file:", "data:")
            )


def test_json_and_lines_are_ascii_and_come_back_to_the_byte(thread, home, monkeypatch):
    text = written(thread, "export", "last", "--format", "json").decode()
    lines = thread("export", "last", "--format", "jsonl").out

    assert text.isascii()
    assert lines.isascii()
    kinds = [json.loads(line)["type"] for line in lines.splitlines()]
    assert kinds.count("message") == len(json.loads(text)["messages"]) == 8
    (home / "other").mkdir(mode=0o700)
    monkeypatch.setenv("GITBRIDGE_HOME", str(home / "other"))
    assert thread("import", *map(str, Path().iterdir())).status == 0
    assert thread("export", "last", "--format", "json").out == text


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.links = set(), set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in ("href", "src", "xlink:href")]


@pytest.mark.parametrize(
    "words", [("export", "last", "--format", "html"), ("graph", "last", "--format", "html")]
)
def test_pages_have_no_element_attribute_or_link_but_ours(thread, words):
    page = _Tags()
    page.feed(written(thread, *words).decode())

    assert page.tags <= set(ALLOWED.split())
    assert page.attributes <= set(HARMLESS.split())
    assert all(link.startswith(("#", "http://", "https://")) for link in page.links)


def test_no_cell_of_a_csv_is_a_formula(thread):
    before = csv.field_size_limit(2_000_000)
    rows = list(
        csv.reader(io.StringIO(written(thread, "export", "last", "--format", "csv").decode()))
    )

    csv.field_size_limit(before)

    assert len({len(row) for row in rows}) == 1
    assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for row in rows for cell in row)


@pytest.mark.parametrize("kind", ["network", "agreement", "timeline", "calls", "routing"])
def test_pictures_are_xml_without_script_or_outside_address(thread, kind):
    root = ET.fromstring(written(thread, "graph", "last", "--kind", kind, "--format", "svg"))  # noqa: S314

    for element in root.iter():
        assert element.tag.rpartition("}")[2] not in ("script", "a", "image", "foreignObject")
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert "href" not in name or value.startswith("#")


def test_graphs_for_other_programs_hold_every_name_and_steer_nothing(thread):
    graph = nx.read_graphml(io.BytesIO(written(thread, "graph", "last", "--format", "graphml")))
    dot = thread("graph", "last", "--format", "dot").out
    diagram = thread("graph", "last", "--kind", "sequence", "--format", "mermaid").out

    assert graph.number_of_nodes() == len(thread("graph", "last", "--format", "json").json["nodes"])
    assert not STEERING.search(dot + diagram)
    assert len(diagram) < 20_000  # a megabyte is a label of a few words
    assert not re.search(r"[<>]|javascript:", re.sub(r"-?->>", "", diagram))


def test_listings_and_dashboards_of_it_are_plain_text(thread):
    for words in (("dashboard",), ("thread", "show", "last"), ("decision", "list"), ("metrics",)):
        result = thread(*words)

        assert result.status == 0
        assert not STEERING.search(result.out.replace("\n", "").replace("\t", ""))
