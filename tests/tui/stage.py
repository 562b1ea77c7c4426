"""Runs the app over a hub in memory and waits until nothing moves any more."""

from contextlib import asynccontextmanager

from tests.fakes.hub import FakeHub
from tests.fakes.story import SECOND, START
from ui.app import GitBridgeApp

SIZES = [(60, 18), (80, 24), (120, 34), (160, 46)]


class Played:
    """An app under test: its hub, its pilot, the messages it passed."""

    def __init__(self, app, hub, pilot, messages):
        self.app, self.hub, self.pilot, self.messages = app, hub, pilot, messages

    async def settle(self):
        """Wait for workers and everything they posted."""
        for _ in range(3):
            await self.pilot.pause()

    async def publish(self, *events):
        self.hub.bus.publish(*events)
        await self.pilot.pause(0.1)
        await self.settle()

    async def type(self, text):
        await self.pilot.press(*("space" if c == " " else c for c in text))
        await self.settle()

    async def press(self, *keys):
        await self.pilot.press(*keys)
        await self.settle()

    async def send(self, text):
        """Put a text into the composer and press Enter."""
        self.app.main.composer.focus()
        self.app.main.composer.text = text
        await self.press("enter")

    def passed(self, kind):
        """Messages of a kind, each once, in order."""
        return list(dict.fromkeys(m for m in self.messages if isinstance(m, kind)))

    @property
    def hint(self):
        return self.app.main.hint.text

    @property
    def toasts(self):
        return [note.message for note in self.app._notifications]

    def screen_text(self):
        """What is on the screen, line by line."""
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(line.text for line in lines[:height])[: (width + 1) * height]


def hub_with_thread(tmp_path, *bodies):
    hub = FakeHub(tmp_path / "exports")
    hub.add_thread("Router policy", *(bodies or ("Should the router prefer grok?", "It depends.")))
    return hub


@asynccontextmanager
async def played(hub, *, size=(120, 34), clock=lambda: START + 5 * SECOND, **options):
    messages = []
    app = GitBridgeApp(hub.open, now=clock, **options)
    async with app.run_test(size=size, message_hook=messages.append) as pilot:
        played = Played(app, hub, pilot, messages)
        await pilot.pause()
        await played.settle()
        yield played
