"""Whatever a message says, it is shown as text: no tag is read, no action bound, no line lost."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.texts import MARKUP, markup_laws
from tests.tui.stage import hub_with_thread, played
from ui.widgets.transcript_markdown import render

pytestmark = pytest.mark.control("S2")

TAGS = (
    "[/]", "[/b]", "[b]", "[@click=app.evil('x')]", "[link=https://x]", "[$text]", "[red on blue]",
    "[/@click]", "[[", "[not a tag", "$x {y} %s", "press", " ", "[@click=screen.dismiss]", "[bold",
)  # fmt: skip
PIECES = st.lists(
    st.sampled_from([piece.decode("utf-8", "replace") for piece in MARKUP]), max_size=24
)
WIDTHS = st.integers(1, 90)


@given(PIECES.map("".join) | st.text(max_size=120), WIDTHS, st.integers(0, 300))
def test_any_markup_is_drawn_as_clean_text(text, width, at):
    data = text.encode("utf-8", "surrogatepass")

    markup_laws(data.decode("utf-8", "replace"), width, [[data[:at], data[at:]]])


@given(st.lists(st.sampled_from(TAGS), min_size=1, max_size=12).map("".join), WIDTHS)
def test_no_tag_is_read_by_the_transcript(text, width):
    drawn = "".join("".join(line.text.split()) for line in render(text, width))

    assert drawn == "".join(text.split())


def generated(count):
    draw = Random(7)  # noqa: S311  the same screens each time
    for _ in range(count):
        yield "".join(draw.choices(TAGS, k=draw.randrange(1, 7)))


def metas(app):
    """What the cells of the screen would do when clicked."""
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            if segment.style is not None and segment.style.meta:
                yield str({k: v for k, v in segment.style.meta.items() if k.startswith("@")})


@pytest.mark.anyio
async def test_nothing_on_any_screen_does_what_a_message_says(tmp_path):
    texts = list(generated(30))
    hub = hub_with_thread(tmp_path, *texts, "[@click=app.evil('x')]press[/]")
    for number, text in enumerate(texts[:12]):
        hub.add_thread(text, text, id=f"e{number}")
    hub.rows["t1"] = replace(hub.rows["t1"], title=texts[0])

    async with played(hub, size=(120, 44)) as stage:
        ran = []
        stage.app.action_evil = lambda *a: ran.append(a)
        shown = stage.screen_text()
        for key in ("f1", "f2", "f4", "escape", "pageup"):
            await stage.press(key)
            assert [meta for meta in metas(stage.app) if "evil" in meta or "dismiss" in meta] == []

    assert ran == []
    assert "[@click=app.evil('x')]press[/]" in shown
