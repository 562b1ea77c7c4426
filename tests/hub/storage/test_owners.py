from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.storage.owners import Owners


def test_a_program_lives_until_it_releases_its_lock(tmp_path: Path) -> None:
    mine, other = Owners(tmp_path / "owners"), Owners(tmp_path / "owners")
    mine.take()
    other.take()

    assert mine.alive(mine.own)
    assert mine.alive(other.own)
    other.release()
    other.release()
    assert not mine.alive(other.own)
    assert not mine.alive(None)
    assert not mine.alive("never seen")
    mine.release()
    assert list((tmp_path / "owners").iterdir()) == []


def test_a_killed_program_is_dead_at_once_and_its_file_is_cleared_away(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from hub.storage.owners import Owners\n"
        "owners = Owners(pathlib.Path(sys.argv[1])); owners.take()\n"
        "print(owners.own, flush=True); sys.stdin.read()"
    )
    root = Path(__file__).parents[3]
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "owners")],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    name = child.stdout.readline().strip()
    mine = Owners(tmp_path / "owners")

    assert mine.alive(name)
    child.kill()
    child.communicate()
    assert not mine.alive(name)
    assert (tmp_path / "owners" / f"{name}.lock").exists()
    mine.take()
    assert [path.stem for path in (tmp_path / "owners").iterdir()] == [mine.own]
    mine.release()


@pytest.mark.skipif(os.name == "nt", reason="Windows locks are exclusive")
def test_two_programs_may_look_at_a_dead_ones_lock_at_once(tmp_path: Path) -> None:
    (tmp_path / "dead.lock").touch()
    from hub.storage.owners import _Probe

    with _Probe(tmp_path / "dead.lock") as first, _Probe(tmp_path / "dead.lock") as second:
        assert (first, second) == (True, True)
