"""Draws the reference pictures anew: `python -m tests.hub.exports.pictures`, then look at them."""

from __future__ import annotations

from pathlib import Path

from hub.analytics.layout import place
from hub.exports.picture import draw
from tests.fakes.crowds import crowd

FOLDER = Path(__file__).parent / "pictures"


def main() -> None:
    """Write them."""
    for n in (3, 20, 80):
        graph = crowd(n)
        (FOLDER / f"graph-{n}.svg").write_bytes(draw(graph, place(graph), format="svg"))


if __name__ == "__main__":
    main()
