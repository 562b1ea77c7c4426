"""Keys of the person's own are checked before they are taken."""

import pytest

from hub.errors import ConfigError
from tests.tui.stage import hub_with_thread, played
from ui.remap import checked


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"serach": "f7"}, "serach: there is no such key"),
        ({"search": "ctrl+h"}, "ctrl+h cannot be bound: terminals send it for Backspace"),
        ({"search": "f7 f8"}, "write it as in ctrl+x"),
        ({"search": ""}, "write it as in ctrl+x"),
        ({"search": "f2"}, "graph and search both want f2"),
        ({"message.pin": "y"}, "message.copy and message.pin both want y"),
    ],
)
def test_what_cannot_be_is_refused_naming_both(keys, says):
    with pytest.raises(ConfigError, match=r"\[ui.keys\]") as refused:
        checked(keys)

    assert says in str(refused.value)


def test_two_keys_may_change_places():
    assert checked({"graph": "f3", "route": "f2"}) == {"graph": "f3", "route": "f2"}


@pytest.mark.anyio
async def test_theme_and_keys_of_the_configuration_are_in_force(tmp_path):
    hub = hub_with_thread(tmp_path)
    hub.settings.ui.theme, hub.settings.ui.keys = "light", {"search": "f7", "message.pin": "P"}
    async with played(hub) as stage:
        assert stage.app.theme == "light"
        await stage.press("f7")
        assert type(stage.app.screen).__name__ == "SearchScreen"
        await stage.press("escape", "alt+up", "P")
        await stage.settle()
        assert stage.hint == "pinned: every prompt has it"


@pytest.mark.anyio
async def test_a_key_that_cannot_be_ends_the_program_with_its_sentence(tmp_path, capsys):
    hub = hub_with_thread(tmp_path)
    hub.settings.ui.keys = {"search": "f2"}
    async with played(hub) as stage:
        await stage.settle()

    assert stage.app.return_code == 2
    assert "graph and search both want f2" in capsys.readouterr().err
