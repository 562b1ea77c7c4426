"""What the screen costs: long threads, four agents that write at once, the first paint.

`python -m benchmarks.tui [--json] [--widgets N]`. Every figure comes from a process of its own. The
transcript of 10,000 messages, all of them in memory, stands beside N Markdown widgets (1,000 unless
told otherwise) in the same run. `open_100k_s` is the whole application over a real journal, from
wanting the thread to seeing its last page. While four agents stream 50 tokens a second each into that thread on a
pseudo-terminal, `frame_max_ms` is the longest time that the application's loop was busy at a stretch, and
`echo_p99_ms` how long a typed character took to come back. Best of three rounds, since a machine that is
busy with something else says nothing of us; the others are on stderr. Not measured: a
terminal's own drawing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles

from benchmarks.start import first_paint_vs_empty
from benchmarks.terminal import Terminal, supported
from benchmarks.tui_program import AGENTS, STREAMED_S

_ROUNDS = 3
_LETTERS = [chr(code) for code in (*range(0x100, 0x180), *range(0x410, 0x450))]
"""Typed one after the other: none of them stands on the screen before."""
_BETWEEN_S = 0.05


def figures(widgets: int) -> dict[str, float | None]:
    """Measure everything."""
    ours = _best("benchmarks.tui_transcript", "ours", "10000", by="ready_s")
    _say("10,000 messages", ours)
    theirs = _measured("benchmarks.tui_transcript", "widgets", str(widgets))
    _say(f"{widgets:,} Markdown widgets", theirs)
    found: dict[str, float | None] = {
        "ready_10k_s": ours["ready_s"],
        "append_ms": ours["append_ms"],
        "resize_s": ours["resize_s"],
        "rss_mb": ours["rss_mb"],
        "open_100k_s": None,
        "frame_max_ms": None,
        "echo_p99_ms": None,
        "first_paint_vs_empty": None,
        "widgets_ready_1k_s": theirs["ready_s"],
    }
    with tempfile.TemporaryDirectory() as folder:
        _run("benchmarks.tui_program", "fill", folder)
        opened = _best("benchmarks.tui_program", "open", folder, by="open_100k_s")
        _say("a thread of 100,000", opened)
        found["open_100k_s"] = opened["open_100k_s"]
        if supported():
            rounds = [_streamed(Path(folder)) for _ in range(_ROUNDS)]
            for name in ("frame_max_ms", "echo_p99_ms"):
                found[name] = min(round_[name] for round_ in rounds)
    if supported():
        found["first_paint_vs_empty"] = first_paint_vs_empty(5)
    return found


def _streamed(filled: Path) -> dict[str, float]:
    """Return what one round of four agents that write at once came to, in a copy of the journal."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        shutil.copytree(filled, home)
        return _round(home)


def _round(home: Path) -> dict[str, float]:
    frames = home / "frames.json"
    command = [sys.executable, "-m", "benchmarks.tui_program", "stream", str(home)]
    with Terminal(command, _environment(home)) as terminal:
        terminal.wait_for(b"writing")
        echoes = []
        for letter in _LETTERS[: int((STREAMED_S - 2) / _BETWEEN_S)]:
            terminal.type(letter)
            echoes.append(terminal.wait_for(letter.encode()))
            terminal.read_for(_BETWEEN_S)
        while not frames.exists():
            terminal.read_for(_BETWEEN_S)
    told = json.loads(frames.read_text())
    _say("four agents writing", told)
    _say("echoes", {"median_ms": round(sorted(echoes)[len(echoes) // 2] * 1_000, 1)})
    if told["writers"] < AGENTS:
        raise RuntimeError(f"only {told['writers']} agents wrote")
    return {
        "frame_max_ms": told["frame_max_ms"],
        "echo_p99_ms": round(quantiles(echoes, n=100)[98] * 1_000, 1),
    }


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "GITBRIDGE_HOME": str(home)}


def _best(*words: str, by: str) -> dict[str, float]:
    return min((_measured(*words) for _ in range(_ROUNDS)), key=lambda found: found[by])


def _measured(*words: str) -> dict[str, float]:
    found: dict[str, float] = json.loads(_run(*words))
    return found


def _run(module: str, *words: str) -> str:
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _say(what: str, found: object) -> None:
    print(f"  {what}: {found}", file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tui", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--widgets", type=int, default=1_000, help="Markdown widgets (1000)")
    args = parser.parse_args(argv)
    found = figures(args.widgets)
    if args.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name}: {value}" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
