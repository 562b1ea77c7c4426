import os
import re
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.thread import Thread
from hub.errors import ExportError
from hub.exports.names import file_name, write_new
from tests.fakes.transcripts import deliberation, hostile

pytestmark = pytest.mark.control("S10")


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "exports"
    path.mkdir()
    return path


def inside(folder):
    return [path.name for path in folder.iterdir()]


def named(title, identity="39200d1e8a8dbbb6"):
    return file_name(Thread(identity, title, 0), "md")


def test_a_name_is_slug_and_id():
    assert file_name(deliberation().thread, "md") == "where-should-notes-live-39200d1e8a8dbbb6.md"
    assert named("Café Ωmega №5!") == "cafe-mega-no5-39200d1e8a8dbbb6.md"


def test_a_title_without_latin_letters_still_gives_a_name():
    assert named("笔记放在哪里?") == "thread-39200d1e8a8dbbb6.md"


@pytest.mark.parametrize("device", ["con", "NUL", "aux.", "COM1", "lpt9 "])
def test_no_name_is_a_windows_device(device):
    assert named(device).split(".")[0] == f"{device.strip(' .').lower()}-39200d1e8a8dbbb6"


@given(st.text(), st.text(), st.text())
def test_every_name_is_plain_whatever_the_thread_is_called(title, identity, suffix):
    name = file_name(Thread(identity, title, 0), suffix)

    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*", name)


def test_a_hostile_title_names_no_other_folder():
    assert file_name(hostile().thread, ".html").startswith("con-html-script-alert-x-script")


def test_a_file_is_written_whole_and_for_its_owner_alone(folder):
    path = write_new(folder / "a.md", "größer")

    assert path.read_text("utf-8") == "größer"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert inside(folder) == ["a.md"]


def test_an_existing_file_is_kept_unless_forced(folder):
    path = folder / "a.md"
    path.write_text("mine")

    with pytest.raises(ExportError, match="exists already; add --force"):
        write_new(path, "theirs")

    assert path.read_text() == "mine"
    assert write_new(path, b"theirs", force=True).read_text() == "theirs"
    assert inside(folder) == ["a.md"]


@pytest.mark.parametrize("force", [False, True])
def test_a_planted_link_is_not_followed_and_not_replaced(folder, force):
    target = folder / "precious"
    target.write_text("kept")
    (folder / "a.md").symlink_to(target)

    with pytest.raises(ExportError, match="not a plain file"):
        write_new(folder / "a.md", "gone", force=force)

    assert target.read_text() == "kept"


def test_a_link_to_nowhere_is_not_followed(folder):
    (folder / "a.md").symlink_to(folder / "elsewhere")

    with pytest.raises(ExportError, match="not a plain file"):
        write_new(folder / "a.md", "x")

    assert not (folder / "elsewhere").exists()


def test_a_folder_is_not_replaced(folder):
    with pytest.raises(ExportError, match="not a plain file"):
        write_new(folder, "x", force=True)


@pytest.mark.parametrize("parent", ["missing/a.md", "file/a.md"])
def test_a_missing_folder_is_named_as_the_reason(folder, parent):
    (folder / "file").write_text("")

    with pytest.raises(ExportError, match="its folder does not exist; create it first"):
        write_new(folder / parent, "x")


def test_a_name_that_no_file_system_takes_is_one_sentence(folder):
    with pytest.raises(ExportError, match="cannot be written"):
        write_new(folder / ("x" * 300), "x")
    with pytest.raises(ExportError, match="not a valid one"):
        write_new(folder / "a\0b", "x")


def test_a_full_disk_leaves_nothing_behind(folder, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(ExportError, match="the disk is full"):
        write_new(folder / "a.md", "x")

    assert inside(folder) == []


def test_a_file_system_without_links_is_served_too(folder, monkeypatch):
    def unsupported(*_args, **_kwargs):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", unsupported)

    assert write_new(folder / "a.md", "x").read_text() == "x"
    with pytest.raises(ExportError, match="exists already"):
        write_new(folder / "a.md", "y")


def test_two_writers_of_one_name_do_not_overwrite_each_other(folder, monkeypatch):
    path = folder / "a.md"
    link = os.link

    def beaten(source, target):
        path.write_text("first")
        link(source, target)

    monkeypatch.setattr(os, "link", beaten)

    with pytest.raises(ExportError, match="exists already"):
        write_new(path, "second")

    assert path.read_text() == "first"
    assert inside(folder) == ["a.md"]
