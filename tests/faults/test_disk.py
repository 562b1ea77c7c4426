"""A disk that is full, or takes nothing: answers are kept, nothing new is paid for, reading goes on."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hub.domain.ask import Ask
from hub.domain.event import Notice
from hub.errors import ReadOnlyStoreError
from hub.storage.sqlite import SQLiteStore
from tests.contracts.stores import a_thread, post
from tests.fakes.clock import FakeClock
from tests.fakes.hubs import House
from tests.faults.invariants import violations

pytestmark = pytest.mark.anyio
LONG = "so much to say " * 20_000
"""Fits into no free page."""


@contextlib.contextmanager
def full(house):
    """Let the journal grow no page more."""
    house._writing("PRAGMA max_page_count = 1")  # SQLite takes the present size instead
    yield
    house._writing("PRAGMA max_page_count = 1000000")


@contextlib.contextmanager
def unwritable(house):
    """Let this process make no file larger than the log is now: writing fails with EFBIG."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = Path(f"{house.settings.database}-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        pytest.param(full, "the disk is full; make room", marks=pytest.mark.fault(9)),
        pytest.param(
            unwritable,
            "check the disk and who may write there",
            marks=[
                pytest.mark.fault(10),
                pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit"),
            ],
        ),
    ],
)
async def test_a_paid_answer_waits_for_the_disk_and_nothing_new_is_paid_for(home, trouble, says):
    async with House(home) as house:
        house.grok.says(LONG)
        house.grok.hold()
        task = house.start(Ask("Why?"))
        await house.until(lambda: house.grok.running)
        with trouble(house):
            house.grok.release()
            await house.until(lambda: house.events(Notice))
            with pytest.raises(ReadOnlyStoreError):
                await house.ask(Ask("And what now?"))
            [banner] = house.events(Notice)
            [thread] = [t.thread for t in await house.hub.threads() if t.thread.title == "Why?"]
            read = await house.hub.messages(thread.id)
            await house.clock.advance(5)

            assert (banner.severity, banner.stands) == ("error", True)
            assert says in banner.text
            assert len(house.asked) == 1
            assert read[0].body == "Why?"
            assert not task.done()
        await house.pass_until(task.done)

        assert (await task).messages[0].body == LONG.strip()
        assert "can be written again" in house.events(Notice)[-1].text
        assert (await house.ask(Ask("And now?"))).messages
        house.books.agree()
    assert violations(house.settings.database) == []


@pytest.mark.fault(9)
async def test_a_question_that_finds_the_disk_full_sends_nothing_and_says_why(home):
    async with House(home) as house:
        await house.ask(Ask("Why?"))
        with full(house), pytest.raises(ReadOnlyStoreError, match="the disk is full"):
            await house.ask(Ask(LONG))

        assert len(house.asked) == 1
        assert (await house.ask(Ask(LONG))).messages


@pytest.mark.fault(9)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a file system in memory")
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to mount")
async def test_a_disk_without_room_for_a_journal_is_one_sentence(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: ASYNC221  at once
        pytest.skip("nothing can be mounted here")
    try:
        with pytest.raises(ReadOnlyStoreError, match="the disk is full; make room"):
            await SQLiteStore.open(disk / "gitbridge.db", home=disk, clock=FakeClock())
        assert [path.name for path in disk.iterdir() if path.name != "owners"] == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)  # noqa: ASYNC221


# Read-only files and folders: rights bind root too once it has laid down the power to pass them.

LAY_DOWN = """
import ctypes, os, sys
if os.geteuid() == 0:
    for power in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        if ctypes.CDLL(None, use_errno=True).prctl(24, power, 0, 0, 0):
            sys.exit(77)
os.execv(sys.argv[1], sys.argv[1:])
"""


def gitbridge(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command as somebody whom the rights of files bind."""
    program = shutil.which("gitbridge", path=str(Path(sys.executable).parent))
    assert program
    done = subprocess.run(
        [sys.executable, "-c", LAY_DOWN, program, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"GITBRIDGE_HOME": str(home), "PATH": os.environ["PATH"], "OPENAI_API_KEY": "sk-canary-1",
             "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"},
    )  # fmt: skip
    if done.returncode == 77:
        pytest.skip("root cannot lay down its power here")
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.fault(11)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
@pytest.mark.parametrize(("folder", "file"), [(0o500, 0o400), (0o700, 0o400), (0o500, 0o600)])
async def test_a_journal_that_may_not_be_written_is_read_and_nothing_is_asked(home, folder, file):
    journal = home / "gitbridge.db"
    store = await SQLiteStore.open(journal, home=home, clock=FakeClock())
    await post(store, await a_thread(store, "Rights"), "what was said")
    await store.close()
    content = journal.read_bytes()
    journal.chmod(file)
    home.chmod(folder)
    try:
        listed = gitbridge(home, "thread", "list", "--json")
        found = gitbridge(home, "thread", "search", "said")
        asked = gitbridge(home, "ask", "Why?", "--agent", "critic")
    finally:
        home.chmod(0o700)

    assert [row["title"] for row in json.loads(listed.stdout)] == ["Rights"]
    assert "what was said" in found.stdout
    assert asked.returncode == 1
    assert asked.stdout == ""
    assert "cannot be written" in asked.stderr.splitlines()[-1]
    assert (listed.returncode, found.returncode) == (0, 0)
    assert journal.read_bytes() == content
