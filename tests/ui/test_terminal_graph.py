from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from tests.fakes.graphs import FOUR, crowd, four
from ui.terminal_graph import render
from ui.widgets.graph_drawing import draw
from ui.widgets.graph_links import Look

SGR = re.compile(r"\x1b\[[0-9;]*m")


def test_the_terminal_shows_the_widgets_drawing() -> None:
    sample, positions = four()

    printed = render(sample, positions, 60, 18, colour=False, ascii_only=False)

    assert printed == draw(sample, positions, 60, 18, Look()).text()
    assert all(name in printed for name in FOUR)


@pytest.mark.parametrize("ascii_only", [True, False])
def test_colour_changes_no_character(ascii_only: bool) -> None:
    sample, positions = crowd(12)

    plain = render(sample, positions, 80, 24, colour=False, ascii_only=ascii_only)
    coloured = render(sample, positions, 80, 24, colour=True, ascii_only=ascii_only)

    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert [row.rstrip() for row in SGR.sub("", coloured).split("\n")] == plain.split("\n")


def test_every_colour_is_ended_on_its_line() -> None:
    sample, positions = four()

    for line in render(sample, positions, 60, 18, colour=True).split("\n"):
        codes = SGR.findall(line)
        assert codes[1::2] == ["\x1b[0m"] * (len(codes) // 2)
        assert len(codes) % 2 == 0


def test_no_line_is_wider_than_the_terminal() -> None:
    sample, positions = crowd(60)

    printed = render(sample, positions, 50, 20, colour=False)

    assert max(cell_len(line) for line in printed.split("\n")) <= 50
    assert printed.count("\n") == 19
