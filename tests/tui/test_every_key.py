"""Every key of the table does what the table says; a key without a row here fails the first test."""

import pytest

from hub.domain.event import DecisionOpened, TurnChanged
from tests.fakes.story import running, turn, vote_events
from tests.tui.stage import SIZES, hub_with_thread, played
from ui.deeds import DOINGS
from ui.keymap import ANYWHERE, MAIN

pytestmark = pytest.mark.anyio
CODE = "```\nx = 1\n```"


def side(name):
    return lambda stage: stage.app.screen.has_class(name)


def top(name):
    return lambda stage: type(stage.app.screen).__name__ == name


def focus(name):
    return lambda stage: stage.app.focused is getattr(stage.app.main, name)


def called(name):
    return lambda stage: any(call[0] == name for call in stage.hub.calls)


def hinted(text):
    return lambda stage: text in stage.hint


EXPECTED = {
    "help": side("help"),
    "graph": side("graph"),
    "route": side("route"),
    "costs": side("costs"),
    "decisions": side("decisions"),
    "providers": side("providers"),
    "jump": top("JumpScreen"),
    "search": top("SearchScreen"),
    "repaint": top("MainScreen"),
    "interrupt": called("stop"),
    "quit": lambda stage: stage.app.return_code == 0,
    "new_thread": lambda stage: stage.app.view.thread is None,
    "threads": focus("threads"),
    "send_again": called("send_again"),
    "page_up": lambda stage: not stage.app.main.transcript.following,
    "page_down": lambda stage: stage.app.main.transcript.following,
    "message_up": lambda stage: stage.app.main.transcript.cursor == "u1",
    "message_down": lambda stage: stage.app.main.transcript.cursor == "u1",
    "history": hinted("Nothing was sent yet."),
    "editor": hinted("There is no terminal here that an editor could use."),
    "panel_threads": focus("threads"),
    "panel_transcript": focus("transcript"),
    "panel_composer": focus("composer"),
    "panel_graph": focus("graph"),
    "escape": hinted("Esc again stops this thread."),
}
ON_A_MESSAGE = {
    "message.copy": lambda stage: stage.app.clipboard == CODE,
    "message.copy_block": lambda stage: stage.app.clipboard == "x = 1",
    "message.raw": top("ReadingScreen"),
    "message.editor": hinted("There is no terminal here"),
    "message.reply": lambda stage: stage.app.main.composer.reply_to == "t1-40",
    "message.retry": called("retry"),
    "message.continue": called("carry_on"),
    "message.branch": hinted("pick a message of yours"),
    "message.route": hinted("so nothing was routed"),
    "message.decision": hinted("is nothing to vote on"),
    "message.pin": hinted("pinned"),
    "message.right": called("mark"),
    "message.wrong": called("mark"),
    "message.redact": top("ChoiceScreen"),
}


def long_hub(tmp_path):
    return hub_with_thread(tmp_path, *(f"message {n}" for n in range(39)), CODE)


def test_every_key_of_the_table_is_tried_here():
    assert set(EXPECTED) == {key.id for key in (*ANYWHERE, *MAIN)}
    assert set(ON_A_MESSAGE) == {doing.id for doing in DOINGS}


@pytest.mark.parametrize("key", [*ANYWHERE, *MAIN], ids=lambda key: key.id)
async def test_a_key_does_what_the_table_says(tmp_path, key):
    async with played(long_hub(tmp_path), size=SIZES[3]) as stage:
        await stage.publish(TurnChanged(running(turn("u1", "critic"))))
        await stage.press(key.keys.split(",")[0])
        await stage.pilot.pause(0.05)
        await stage.settle()

        assert EXPECTED[key.id](stage)


@pytest.mark.parametrize("doing", DOINGS, ids=lambda doing: doing.id)
async def test_a_key_on_a_message_does_what_the_table_says(tmp_path, doing):
    async with played(long_hub(tmp_path), size=SIZES[1]) as stage:
        await stage.press("alt+up", doing.key)
        await stage.settle()

        assert ON_A_MESSAGE[doing.id](stage)


@pytest.mark.parametrize("theme", ["dark", "light", "colour-blind"])
async def test_every_screen_shows_at_every_size_in_every_theme(tmp_path, theme):
    screens = {
        "f2": "Graph",
        "f3": "Route",
        "f4": "Costs",
        "f8": "Decision",
        "f9": "Providers",
        "f1": "Help",
    }
    hub = long_hub(tmp_path)
    hub.settings.ui.theme = theme
    async with played(hub, size=SIZES[0]) as stage:
        await stage.publish(*vote_events())
        for size in SIZES:
            await stage.pilot.resize_terminal(*size)
            await stage.settle()
            assert "x = 1" in stage.screen_text()
            if size not in (SIZES[0], SIZES[3]):
                continue
            for key, heading in screens.items() if theme == "dark" else ():
                await stage.press(key)
                await stage.pilot.pause(0.02)
                assert heading in stage.screen_text().splitlines()[0]
            for letter, heading in (("d", "Dashboard"), ("o", "Settings")):
                await stage.press("ctrl+o", letter)
                await stage.pilot.pause(0.02)
                assert heading in stage.screen_text().splitlines()[0]
            await stage.press("escape")
        assert stage.app.theme == theme


async def test_the_dashboard_says_what_is_known_and_unknown(tmp_path):
    async with played(hub_with_thread(tmp_path), size=SIZES[3]) as stage:
        await stage.send("/dashboard")
        await stage.pilot.pause(0.05)
        text = stage.screen_text()

        for said in ("✗ resting", "grok rests", "86 %", "$0.0042 + 1 ?", "rate limited", "REPEATS"):
            assert said in text


async def test_time_is_gone_through_on_the_graph_and_back(tmp_path):
    hub = hub_with_thread(tmp_path)
    for n in range(2, 8):
        hub.post_now("t1", f"reply {n}", author=("critic", "proposer")[n % 2], reply_to=f"t1-{n}")
    async with played(hub, size=SIZES[3]) as stage:
        await stage.press("f2")
        await stage.pilot.pause(0.2)
        graph = stage.app.screen.graph
        whole = len(graph.graph.edges)
        await stage.press("t")
        assert (len(graph.graph.edges), "0 %" in stage.screen_text()) == (0, True)
        await stage.press(*["full_stop"] * 20)
        assert 0 < len(graph.graph.edges) < whole
        await stage.press("t", "left")
        assert len(graph.graph.edges) == whole
        assert "messages," in stage.screen_text()
        await stage.press("e")
        await stage.pilot.pause(0.05)

        assert [path.suffix for path in (tmp_path / "exports").iterdir()] == [".png"]


async def test_settings_are_switched_and_kept(home, tmp_path):
    async with played(hub_with_thread(tmp_path), size=SIZES[1]) as stage:
        await stage.send("/settings")
        await stage.press("down", "enter")
        assert stage.app.theme == "light"
        await stage.press("down", "down", "down", "down", "enter")

    assert 'theme = "light"' in (home / "config.toml").read_text()
    assert "notifications = true" in (home / "config.toml").read_text()


async def test_providers_are_asked_again_by_a_key(tmp_path):
    async with played(hub_with_thread(tmp_path), size=SIZES[1]) as stage:
        asked = []
        plain = stage.hub.health

        async def health():
            asked.append(1)
            return await plain()

        stage.hub.health = health
        await stage.press("f9", "p")
        await stage.settle()

        assert asked


async def test_older_decisions_are_looked_through(tmp_path):
    from dataclasses import replace

    from tests.fakes.story import decision

    hub = hub_with_thread(tmp_path)
    old = decision(options=("the old way", "another"))
    hub.opened = [decision(), replace(old, id="d0")]
    async with played(hub, size=SIZES[3]) as stage:
        await stage.publish(DecisionOpened(decision()))
        await stage.press("f8")
        await stage.settle()
        assert "1 of 2, the newest first" in stage.screen_text()
        await stage.press("left_square_bracket")
        assert "the old way" in stage.screen_text()
        await stage.press("right_square_bracket")

        assert "grok for triage" in stage.screen_text()


async def test_the_persons_own_ballot_is_cast_by_a_letter(tmp_path):
    from tests.fakes.story import decision

    async with played(hub_with_thread(tmp_path), size=SIZES[1]) as stage:
        await stage.press("f8", "v")
        assert "There is no decision" in stage.hint
        cast = []

        async def vote(ref, choices=(), **facts):
            cast.append((ref, tuple(choices)))

        stage.hub.vote = vote
        await stage.publish(DecisionOpened(decision()))
        await stage.press("v")
        assert "gpt for triage" in stage.screen_text()
        await stage.press("b")
        await stage.settle()

        assert cast == [("d1", ("B",))]
        assert stage.hint == "your ballot counts"
