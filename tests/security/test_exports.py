"""Threads full of payloads, out of the real journal in every format: nothing in them lives (S10)."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import PureWindowsPath
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from hub.domain.ask import Ask, Mode
from hub.exports.names import file_name, write_new
from tests.fakes.hubs import House
from tests.fakes.transcripts import PAYLOADS
from tests.fakes.voices import ballot

pytestmark = [pytest.mark.anyio, pytest.mark.control("S10")]

MORE = (
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "[x](javascript:alert(1)) ![x](https://evil.example/p.png)",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example><iframe src=//evil.example>",
    "]]><!--><style>@import'https://evil.example'</style>",
    "</main></body></html><script src=//evil.example></script>",
    "````\n<script>alert(1)</script>\n`````` \n~~~~",
    '=HYPERLINK("https://evil.example")',
    "&lt;script&gt; &#60;script&#62; &#x3c;",
    "{{7*7}} ${7*7} <%= 7*7 %>",
)
LIVE = {"script", "iframe", "object", "embed", "link", "base", "form", "input", "img", "image", "video",
        "audio", "foreignobject", "animate", "set", "applet", "frame", "template", "noscript", "math"}  # fmt: skip
DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}


class Page(HTMLParser):
    """What a reader of the page could be made to do."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.live, self.events, self.addresses, self.policies, self.open = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in LIVE or (tag == "meta" and (given.get("http-equiv") or "").lower() == "refresh"):
            self.live.append(tag)
        if tag == "meta" and (given.get("http-equiv") or "").lower() == "content-security-policy":
            self.policies.append(given["content"])
        self.events += [name for name in given if name.startswith("on")]
        self.addresses += [
            v for n, v in attrs if n in ("href", "src", "xlink:href", "action", "data")
        ]


@pytest.fixture
async def exports(home):
    """Return a thread whose every word is a payload, and its exports by format."""
    payload = "\n\n".join((*PAYLOADS, *MORE))
    async with House(home) as house:
        for voice in house.voices.values():
            voice.script = lambda v: ballot("A", payload[:300]) if v.schema else payload
        answer = await house.ask(
            Ask(payload, Mode.DECIDE, options=(MORE[0], MORE[2]), tags=("<b>",))
        )
        thread = await house.hub.rename(answer.thread.id, "..\\..\\con " + MORE[2])
        texts = {f: await house.hub.export(thread.id, f) for f in ("html", "markdown", "json")}
        texts["svg"] = (await house.hub.picture(thread.id, "svg")).decode()
        return thread, texts


async def test_a_page_has_nothing_live_and_a_policy_that_would_stop_it(exports):
    page = Page()
    page.feed(exports[1]["html"])

    assert (page.live, page.events) == ([], [])
    assert all(re.match(r"https?://|#", address or "") for address in page.addresses)
    (policy,) = page.policies
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert set(rules) <= {"default-src", "style-src", "img-src"}
    assert not set(rules.get("img-src", "").split()) - {"data:"}


async def test_a_picture_has_nothing_live(exports):
    root = ET.fromstring(exports[1]["svg"])  # noqa: S314  our own

    for element in root.iter():
        assert element.tag.rpartition("}")[2].lower() not in LIVE
        for name, value in element.attrib.items():
            assert not name.rpartition("}")[2].lower().startswith("on")
            if name.rpartition("}")[2] == "href":
                assert value.startswith("#")


async def test_markdown_has_no_html_no_picture_and_no_fence_that_ends_early(exports):
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(exports[1]["markdown"])
    children = [child for token in tokens for child in (token, *(token.children or ()))]
    fences = [token for token in tokens if token.type == "fence"]

    assert {"html_block", "html_inline", "image"} & {token.type for token in children} == set()
    assert fences
    for fence in fences:
        longest = max((len(run) for run in re.findall("`+", fence.content)), default=0)
        assert len(fence.markup) > longest


async def test_json_is_ascii_and_says_the_same_again(exports):
    text = exports[1]["json"]

    assert text.isascii()
    assert MORE[0] in json.dumps(json.loads(text), ensure_ascii=False)


async def test_a_file_s_name_is_inside_its_folder_and_no_device(exports, tmp_path):
    thread, _ = exports
    name = file_name(thread, "html")

    assert (tmp_path / name).resolve().parent == tmp_path.resolve()
    assert re.fullmatch(r"[a-z0-9-]+\.html", name)
    assert PureWindowsPath(name).stem.lower() not in DEVICES
    assert PureWindowsPath(name).parts == (name,)
    assert write_new(tmp_path / name, "x").stat().st_mode & 0o077 == 0
