"""What a person does with messages, for the hub in memory of the terminal UI's tests."""

from dataclasses import replace

from hub.domain.event import ThreadChanged
from hub.domain.insight import (
    Bucket,
    ConsensusFigures,
    Dashboard,
    DecisionPoint,
    DeploymentFigures,
    VoiceFigures,
)
from hub.domain.thread import REDACTED, Redaction
from hub.domain.transcript import Imports

BOARD = Dashboard(
    at=1_700_000_000_000_000,
    since=1_699_000_000_000_000,
    strategy="hybrid",
    threads=1,
    voices=(VoiceFigures("critic", "grok", 4, 900, 2_100, 0, 0.5, 0.25, 1, 0, 0.5),),
    consensus=ConsensusFigures(1, 0, 1, 0, 1, 0.7, 0.66, 4_200, 0),
    deployments=(
        DeploymentFigures(
            "openai/gpt-4o", 7, 6, 1, 2, 1, 900, 4_200, 1, 1.2, 3.4, 0.2, 0.7, "rate limited"
        ),
        DeploymentFigures("grok/grok-3-mini", 3, 3, 0, 0, 0, 90, 700, 0, 0.6, 0.9, 0.1, 0.3),
    ),
    strategies=(("hybrid", 10),),
    series=tuple(
        Bucket(1_699_000_000_000_000 + n, "openai/gpt-4o", n, n, 10, 100, 0, 0.5 + n, 1.0)
        for n in range(4)
    ),
    step=1,
    decisions=(
        DecisionPoint(1_699_900_000_000_000, "d1", "Prefer grok?", "decided", "yes", 2, 3, None),
    ),
)


class Desk:
    """The doors behind a message's menu; `calls` keeps what was asked of them."""

    async def search(self, text, *, ref=None, limit=50):
        self.calls.append(("search", text, ref))
        words = text.lower().split()
        posts = [m for t in self.posts for m in self.posts[t] if ref in (None, t)]
        found = [m for m in posts if all(w in m.body.lower() for w in words)]
        return tuple(reversed(found))[:limit]

    def _replace(self, message_id, **facts):
        for posts in self.posts.values():
            for place, message in enumerate(posts):
                if message.id == message_id:
                    posts[place] = replace(message, **facts)
                    return posts[place]
        raise AssertionError(message_id)

    async def pin(self, message_ref, *, pinned=True):
        return self._replace(message_ref, pinned=pinned)

    async def redact(self, message_ref):
        self.calls.append(("redact", message_ref))
        text = next(m.body for p in self.posts.values() for m in p if m.id == message_ref)
        return Redaction(self._replace(message_ref, body=REDACTED), text, ("openai",), ())

    async def mark(self, message_ref, *, right, weight=1.0):
        self.calls.append(("mark", message_ref, right))

    async def retry(self, ref):
        self.calls.append(("retry", ref))

    async def carry_on(self, ref):
        self.calls.append(("carry_on", ref))

    async def branch(self, message_ref):
        self.calls.append(("branch", message_ref))
        thread = self.add_thread("Router policy (branch)", "kept", id="b1")
        self.bus.publish(ThreadChanged(thread))
        return thread

    async def archive(self, ref):
        self.calls.append(("archive", ref))
        gone = replace(self.rows.pop(ref), archived_at=1)
        self.bus.publish(ThreadChanged(gone))
        return gone

    async def drawing(self, kind, format, *, ref=None, **facts):  # noqa: A002  as the hub
        return f"{kind} of {ref} as {format}".encode()

    async def export_decision(self, ref, format):  # noqa: A002  as the hub
        return f"{ref} as {format}"

    async def import_file(self, data, *, names=None, as_new=False):
        self.calls.append(("import", data))
        thread = self.add_thread("From a file", "brought in", id="i1")
        (summary,) = [s for s in await self.threads() if s.thread.id == thread.id]
        return Imports((summary,))

    async def explain(self, ref):
        self.calls.append(("explain", ref))
        return self.routed

    async def routes(self, limit=None):
        return self.routed

    async def dashboard(self, *, since=None, ref=None):
        return BOARD

    def rests(self):
        return {"grok": "grok rests until it answers again."}
