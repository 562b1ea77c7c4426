"""On a real pseudo-terminal: it is restored however the program ends, and no hostile byte gets out."""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
ROOT = Path(__file__).parents[2]
RESTORED = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?1006l", b"\x1b[?25h")
PATIENCE_S = 30
"""Seconds after which a text that has not come is not awaited any more."""
PROGRAM = """
from pathlib import Path
from tests.fakes.hub import FakeHub
from ui.app import GitBridgeApp

evil = "\\x1b]0;HOSTILE\\x07\\x1b]52;c;Zm9v\\x07\\x1b[2JHOSTILE[@click=app.quit]x[/]"
hub = FakeHub(Path(__file__).parent / "exports")
hub.add_thread(evil, evil, "READY " + evil)

class App(GitBridgeApp):
    def action_help_quit(self):
        key = "sk-canary-0123456789abcdef"
        raise ValueError(key)

app = App(hub.open)
app.run()
raise SystemExit(app.return_code)
"""


class Terminal:
    def __init__(self, process, handle):
        self.process, self._handle, self.output = process, handle, b""

    def read_until(self, text=None):
        """Read until a text appears, or the program ends; fails after 20 seconds of silence."""
        while (text is None or text not in self.output) and self.read_once():
            pass

    def read_once(self):
        """Read what comes next; False once the program has ended."""
        ready, _, _ = select.select([self._handle], [], [], 20)
        assert ready, self.output[-2000:]
        try:
            piece = os.read(self._handle, 65_536)
        except OSError:  # the other end was closed
            return False
        self.output += piece
        return bool(piece)

    def expect(self, keys, shown):
        """Type keys, and read until what they open is drawn."""
        at = len(self.output)
        self.type(keys)
        until = time.monotonic() + PATIENCE_S
        while shown not in self.output[at:] and time.monotonic() < until and self.read_once():
            pass
        assert shown in self.output[at:], shown

    def type(self, text):
        os.write(self._handle, text)

    def hang_up(self):
        """Close it; nobody is told, for it controls no session."""
        os.dup2(os.open(os.devnull, os.O_RDWR), self._handle)

    def resize(self, size):
        resize(self._handle, size)
        self.process.send_signal(signal.SIGWINCH)


def resize(handle, size):
    import fcntl
    import struct
    import termios

    columns, rows = size
    fcntl.ioctl(handle, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


@contextmanager
def terminal(tmp_path, size=(120, 30), **environment):
    ours, theirs = os.openpty()
    resize(theirs, size)
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    with subprocess.Popen(
        [sys.executable, program],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
    ) as process:  # fmt: skip
        os.close(theirs)
        try:
            yield Terminal(process, ours)
        finally:
            process.kill()
            os.close(ours)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_terminal_and_tells_its_number(tmp_path, number):
    with terminal(tmp_path) as tty:
        tty.read_until(b"READY")
        tty.process.send_signal(number)
        tty.read_until()

        assert tty.process.wait(10) == 128 + number
        assert all(sequence in tty.output for sequence in RESTORED)


def test_a_terminal_that_goes_without_a_word_takes_the_program_along(tmp_path):
    with terminal(tmp_path) as tty:
        tty.read_until(b"READY")
        tty.hang_up()

        assert tty.process.wait(PATIENCE_S) == 128 + signal.SIGHUP


@pytest.mark.control("S1")
@pytest.mark.control("S4")
def test_no_escape_sequence_of_a_message_or_title_reaches_the_terminal(tmp_path):
    with terminal(tmp_path) as tty:
        tty.read_until(b"READY")
        tty.type(b"\x11")
        tty.read_until()

        assert tty.process.wait(10) == 0
        assert b"HOSTILE" in tty.output
        assert b"\x1b]0;" not in tty.output
        assert b"\x1b]52;" not in tty.output
        assert b"\x1b[2J" not in tty.output


@pytest.mark.control("S1")
@pytest.mark.control("S4")
def test_no_screen_lets_a_hostile_byte_out(tmp_path):
    opened = {
        b"\x0fd": b"REPEATS",
        b"\x0fo": b"notifications",
        b"\x1bOP": b"Ctrl+N",
        b"\x1bOQ": b"arrows pick",
        b"\x1bOR": b"pick a turn",
        b"\x1bOS": b"budgets",
        b"\x1b[19~": b"your vote",
        b"\x1b[20~": b"per million",
        b"\x06": b"in this thread",
    }
    with terminal(tmp_path) as tty:
        tty.read_until(b"READY")
        for keys, shown in opened.items():
            tty.expect(keys, shown)
        tty.type(b"\x11")
        tty.read_until()

        assert tty.process.wait(10) == 0
        for byte in (b"\x1b]0;", b"\x1b]52;", b"\x1b[2J"):
            assert byte not in tty.output


def test_a_draft_goes_through_the_persons_editor_and_the_screen_comes_back(tmp_path):
    script = tmp_path / "editor.sh"
    script.write_text('printf "written elsewhere" > "$1"; printf EDITOR-RAN\n')
    with terminal(tmp_path, EDITOR=f"sh {script}", VISUAL="") as tty:
        tty.read_until(b"READY")
        tty.type(b"\x07")
        tty.read_until(b"EDITOR-RAN")
        left, ran = tty.output.rindex(b"\x1b[?1049l"), tty.output.index(b"EDITOR-RAN")
        assert left < ran
        tty.read_until(b"written elsewhere")
        assert tty.output.rindex(b"\x1b[?1049h") > ran
        tty.type(b"\x11")
        tty.read_until()

        assert tty.process.wait(10) == 0
        assert all(sequence in tty.output for sequence in RESTORED)


@pytest.mark.control("S5")
def test_a_crash_restores_the_terminal_and_shows_no_key(tmp_path):
    with terminal(tmp_path) as tty:
        tty.read_until(b"READY")
        tty.type(b"\x03")
        tty.read_until()

        assert tty.process.wait(10) == 1
        assert all(sequence in tty.output for sequence in RESTORED)
        assert b"That should not happen (ValueError)" in tty.output
        assert b"Traceback" not in tty.output
        assert b"sk-canary" not in tty.output


def test_without_colour_states_are_words_and_shapes(tmp_path):
    with terminal(tmp_path, NO_COLOR="1") as tty:
        tty.read_until(b"212 ms")
        tty.type(b"\x11")
        tty.read_until()

        assert b"38;2;53;195;131" not in tty.output
        assert all(mark.encode() in tty.output for mark in ("●", "■", "down"))
