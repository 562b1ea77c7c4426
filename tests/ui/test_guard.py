from __future__ import annotations

import sys

import pytest

from ui.guard import foreign_package


def test_our_own_packages_pass():
    assert foreign_package() is None


@pytest.mark.parametrize("name", ["hub", "agents"])
def test_a_package_of_another_project_is_named_with_its_place(tmp_path, monkeypatch, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name, raising=False)

    said = foreign_package()

    assert f"`{name}` comes from {tmp_path / name}" in said
    assert "pipx install gitbridge-hub" in said


def test_a_folder_merged_over_ours_is_noticed(monkeypatch):
    class Spec:
        origin = None

    monkeypatch.setattr("ui.guard.find_spec", lambda _name: Spec)

    assert "is missing or not ours" in foreign_package()
