"""Files that are not what they should be: huge, deep, mistyped, of another kind (SECURITY S12)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from hub.config import load
from hub.errors import ConfigError, GitBridgeError, StorageError, UsageError
from hub.storage.backup import restore
from ui.attachments import read_attachment

pytestmark = pytest.mark.control("S12")

HUGE = 2_000_000_000


def huge(path: Path, begin: bytes = b"") -> Path:
    """Make a file of 2 GB that takes no room."""
    with path.open("wb") as file:
        file.write(begin)
        file.truncate(HUGE)
    path.chmod(0o600)
    return path


@pytest.fixture(autouse=True)
def little_memory():
    """Let a test have half a gigabyte more than it has, so that nobody reads 2 GB first."""
    if sys.platform != "linux":
        yield
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(
        resource.RLIMIT_AS, (pages * os.sysconf("SC_PAGE_SIZE") + 500_000_000, before[1])
    )
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def test_huge_settings_are_refused_unread(home):
    huge(home / "config.toml", b"[router]\n")

    with pytest.raises(ConfigError, match="larger than 1 MB"):
        load()


def test_a_huge_dotenv_of_a_folder_is_ignored_with_a_warning():
    huge(Path(".env"), b"OPENAI_API_KEY=x\n")

    settings = load()

    assert settings.providers["openai"].key is None
    assert settings.warnings == (".env is ignored: it is too large for a file of keys and models.",)


@pytest.mark.parametrize("depth", [500, 100_000])
def test_settings_nested_without_end_are_one_sentence(home, depth):
    (home / "config.toml").write_text(f"x = {'[' * depth}{']' * depth}")

    with pytest.raises(ConfigError, match=r"nesting that is too large|no such setting"):
        load()


def test_a_huge_attachment_is_refused_unread(tmp_path):
    with pytest.raises(UsageError, match="larger than"):
        read_attachment(str(huge(tmp_path / "notes.txt")))


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/stdin", "."])
def test_only_a_plain_file_is_an_attachment(name):
    with pytest.raises(UsageError, match="no such file"):
        read_attachment(name)


@pytest.mark.parametrize(
    "begin",
    [b"", b"SQLite format 3\0", b"PK\x03\x04", b"\x1f\x8b\x08", b"\x80\x04\x95", b"%PDF-1.4", b"{"],
)
def test_a_huge_file_of_any_kind_is_no_journal(home, tmp_path, begin):
    source = huge(tmp_path / "copy.db", begin)

    with pytest.raises(StorageError):
        restore(source, home / "gitbridge.db", home)

    assert not (home / "gitbridge.db").exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "no/such/file", "."])
def test_a_path_that_is_no_journal_brings_nothing_in(home, name):
    with pytest.raises(GitBridgeError):
        restore(Path(name), home / "gitbridge.db", home)

    assert list(home.glob("gitbridge.db*")) == []
