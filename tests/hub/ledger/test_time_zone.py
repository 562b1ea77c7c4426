from pathlib import Path

import pytest

from hub.config import BudgetSettings
from hub.ledger.time_zone import NAME, with_frozen_zone
from tests.hub.ledger.builders import settings


def at(home: Path, zone: str | None = None) -> object:
    found = settings(BudgetSettings(time_zone=zone)).model_copy(update={"home": home})
    return with_frozen_zone(found).budget.time_zone


def test_the_zone_of_the_first_start_stays_where_the_machine_goes(home, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    first = at(home)
    monkeypatch.setenv("TZ", "America/New_York")

    assert first == at(home) == "Asia/Tokyo"


def test_a_zone_that_the_person_wrote_comes_first_and_freezes_nothing(home, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")

    assert at(home, "Europe/Berlin") == "Europe/Berlin"
    assert not (home / NAME).exists()


def test_a_file_that_names_no_zone_is_written_anew(home, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    (home / NAME).write_text("../../etc/passwd\n")

    assert at(home) == "Asia/Tokyo"
    assert (home / NAME).read_text() == "Asia/Tokyo\n"


def test_a_machine_that_names_no_zone_keeps_its_clock(home, monkeypatch):
    monkeypatch.setenv("TZ", "no such zone")

    assert at(home) is None
    assert not (home / NAME).exists()


def test_a_state_folder_that_takes_no_file_stops_nothing(home, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    (home / "taken").write_text("")

    assert at(home / "taken") == "Asia/Tokyo"


def test_what_the_person_said_of_caps_is_untouched(home, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    plain = settings(BudgetSettings()).model_copy(update={"home": home})

    assert with_frozen_zone(plain).budget.question_is_default
    assert not with_frozen_zone(
        plain.model_copy(update={"budget": BudgetSettings(question=500_000)})
    ).budget.question_is_default


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_zone_is_read_back_as_it_was_written(home, monkeypatch, zone):
    monkeypatch.setenv("TZ", f":{zone}")

    assert at(home) == at(home) == zone
