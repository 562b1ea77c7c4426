"""Terminals that are tiny, colourless, dumb, resized without end, or not there at all."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.stage import hub_with_thread, played
from tests.tui.test_terminal import RESTORED, terminal

pytestmark = pytest.mark.fault(49)
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
STORM = [(20, 5), (1, 1), (300, 100), (80, 2), (2, 80), (60, 18), (120, 34)]


def leave(tty):
    """Quit, and look that nothing broke."""
    tty.type(b"\x11")
    tty.read_until()

    assert tty.process.wait(20) == 0
    assert b"Traceback" not in tty.output
    assert b"That should not happen" not in tty.output
    assert all(sequence in tty.output for sequence in RESTORED)


@posix
@pytest.mark.parametrize(
    ("size", "environment"),
    [
        ((20, 5), {}),
        ((20, 5), {"NO_COLOR": "1"}),
        ((100, 30), {"TERM": "dumb", "COLORTERM": ""}),
        ((20, 5), {"TERM": "dumb", "COLORTERM": "", "NO_COLOR": "1", "LANG": "C", "LC_ALL": "C"}),
        ((1, 1), {}),
    ],
    ids=["20x5", "20x5 without colour", "dumb", "dumb, 20x5, ASCII", "1x1"],
)
def test_it_starts_and_quits_on_any_terminal(tmp_path, size, environment):
    with terminal(tmp_path, size, **environment) as tty:
        tty.read_until(b"\x1b[?1049h")
        tty.read_until(b"\x1b[?25l")
        leave(tty)


@posix
def test_a_storm_of_sizes_changes_nothing_but_the_picture(tmp_path):
    draw = random.Random(49)  # noqa: S311  the same storm each time
    with terminal(tmp_path) as tty:
        tty.read_until(b"READY")
        for _ in range(60):
            tty.resize(draw.choice(STORM))
        tty.resize((100, 30))
        leave(tty)


@pytest.mark.anyio
async def test_after_a_storm_of_sizes_the_screen_is_as_before(tmp_path):
    draw = random.Random(49)  # noqa: S311
    async with played(hub_with_thread(tmp_path), size=(120, 34)) as app:
        before = app.screen_text()
        for _ in range(8):
            await app.pilot.resize_terminal(*draw.choice(STORM))
        await app.pilot.resize_terminal(120, 34)
        await app.settle()

        assert app.screen_text().split("\n")[1:] == before.split("\n")[1:]


@posix
@pytest.mark.parametrize("words", [("thread", "list"), ("--help",), ("config", "show"), ()])
@pytest.mark.parametrize("closed", [0, 1, 2])
def test_a_closed_output_is_no_traceback(home, words, closed):
    program = shutil.which("gitbridge", path=str(Path(sys.executable).parent))
    mode = "<" if closed == 0 else ">"
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}{mode}&-', "sh", program, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"GITBRIDGE_HOME": str(home), "PATH": os.environ["PATH"]},
    )

    assert "Traceback" not in done.stderr + done.stdout
    assert "Exception ignored" not in done.stderr
    assert "should not happen" not in done.stderr
    assert done.returncode == (0 if words else 2)  # the screen needs a terminal


@posix
def test_a_reader_that_goes_away_ends_a_command_quietly(home):
    program = shutil.which("gitbridge", path=str(Path(sys.executable).parent))
    with subprocess.Popen(
        [program, "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"GITBRIDGE_HOME": str(home), "PATH": os.environ["PATH"]},
    ) as process:
        process.stdout.close()
        complaint = process.stderr.read()
        process.wait(60)

    assert b"Traceback" not in complaint
