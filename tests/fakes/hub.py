"""A hub in memory with the facade's shape: tests publish events and see what was asked of it."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from hub.bus import Bus
from hub.domain.agent import Deployment, Persona, ProviderKind
from hub.domain.ask import Answer, Ask, Estimate
from hub.domain.event import MessagePosted, ThreadChanged
from hub.domain.ids import MessageId, ThreadId
from hub.domain.route import Health
from hub.domain.thread import Message, MessageKind, Thread, ThreadSummary
from hub.domain.transcript import GraphEdge, GraphNode, Interactions
from hub.domain.usage import Budget, Cap, Price, UsageRow
from hub.errors import NotFoundError, UsageError
from tests.fakes.desk import Desk

PERSONAS = (
    Persona("proposer", "Proposes an answer", "..."),
    Persona("critic", "Finds what breaks", "..."),
    Persona("synthesist", "Weighs and joins", "..."),
)
DEPLOYMENTS = (
    Deployment("openai", "gpt-4o", ProviderKind.OPENAI, Price(2_500_000, 10_000_000, 1_250_000)),
    Deployment("grok", "grok-3-mini", ProviderKind.GROK, Price(300_000, 500_000, 75_000)),
)
NOTHING = UsageRow("total", 0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass
class FakeUi:
    theme: str = ""
    notifications: bool = False
    keys: dict = field(default_factory=dict)


@dataclass
class FakeSettings:
    exports: Path
    ui: FakeUi = field(default_factory=FakeUi)

    @property
    def home(self):
        return self.exports.parent / "home"


class FakeHub(Desk):
    """Enough of `hub.hub.Hub` for the terminal UI."""

    personas = PERSONAS
    deployments = DEPLOYMENTS
    strategy = "hybrid"

    def __init__(self, exports=Path("exports")):
        self.settings = FakeSettings(exports)
        self.bus = Bus()
        self.rows: dict[str, Thread] = {}
        self.posts: dict[str, list[Message]] = {}
        self.summaries = {}
        self.routed = ()
        self.opened = []
        self.left = ()
        self.asked: list[tuple[Ask, str | None]] = []
        self.calls: list[tuple] = []
        self.cost = 2_100
        self.answer_error = None
        self.day = Budget("day:2026-11-22", 5_000_000, 3_610_000, 0)

    @asynccontextmanager
    async def open(self):
        self.calls.append(("open",))
        yield self
        self.calls.append(("close",))

    # --- what a test scripts ---

    def add_thread(self, title, *bodies, id="t1"):  # noqa: A002  the hub calls it so
        thread = Thread(ThreadId(id), title, 1_000, len(bodies))
        self.rows[id] = thread
        self.posts[id] = [self.message(id, n, body) for n, body in enumerate(bodies, 1)]
        return thread

    def message(self, thread_id, seq, body, author=None, **facts):
        author = author or ("you" if seq % 2 else "proposer")
        kind = MessageKind.QUESTION if author == "you" else MessageKind.REPLY
        facts = {"kind": kind, "created_at": 1_700_000_000_000_000 + seq * 1_000_000, **facts}
        return Message(
            MessageId(f"{thread_id}-{seq}"), ThreadId(thread_id), seq, author, body=body, **facts
        )

    def post_now(self, thread_id, body, **facts):
        """Post a message, as any program on the journal may."""
        posts = self.posts[thread_id]
        message = self.message(thread_id, len(posts) + 1, body, **facts)
        posts.append(message)
        self.rows[thread_id] = replace(self.rows[thread_id], last_seq=message.seq)
        self.bus.publish(MessagePosted(message))
        return message

    # --- the facade ---

    def subscribe(self):
        return self.bus.subscribe()

    async def create_thread(self, title=""):
        thread = self.add_thread(title or "untitled", id=f"new{len(self.rows)}")
        self.bus.publish(ThreadChanged(thread))
        return thread

    async def threads(self, *, archived=False):
        return tuple(
            ThreadSummary(t, len(self.posts[t.id]), 420_000, 0, 1_000) for t in self.rows.values()
        )

    async def thread(self, ref):
        if ref == "last" and self.rows:
            return next(iter(self.rows.values()))
        if ref not in self.rows:
            raise NotFoundError(f"No thread {ref!r}: `gitbridge thread list` shows them.")
        return self.rows[ref]

    async def messages(self, thread_id, *, before=None, after=None, limit=None):
        self.calls.append(("messages", thread_id, before, after, limit))
        page = [
            m
            for m in self.posts[thread_id]
            if (before is None or m.seq < before) and (after is None or m.seq > after)
        ]
        return tuple(page if limit is None else page[:limit] if after else page[-limit:])

    async def rename(self, ref, title):
        self.rows[ref] = replace(self.rows[ref], title=title)
        self.bus.publish(ThreadChanged(self.rows[ref]))
        return self.rows[ref]

    async def decisions(self, ref=None, limit=None):
        return tuple(self.opened[:limit])

    async def usage(self, by="provider", since=None):
        return (
            replace(
                NOTHING,
                key="openai",
                prompt_tokens=1200,
                completion_tokens=300,
                cost=4_200,
                calls=3,
            ),
        )

    async def set_budget(self, scope, cap):
        self.calls.append(("set_budget", scope, cap))
        self.day = replace(self.day, cap=cap, by_person=True)
        return Cap(self.day.id, cap, cap is not None, "by hand", self.day.spent, 0)

    async def budgets(self):
        return {self.day.id: self.day}

    async def turn_summaries(self, ref):
        return dict(self.summaries)

    async def latest_interactions(self, ref, newest):
        self.calls.append(("interactions", ref))
        names = dict.fromkeys(m.author for m in self.posts.get(ref, ()))
        nodes = tuple(GraphNode(n, None if n == "you" else "openai", 2, 100, 2_000) for n in names)
        authors = {m.id: m.author for m in self.posts.get(ref, ())}
        edges = tuple(
            GraphEdge(m.author, authors[m.reply_to], "reply", m.seq)
            for m in self.posts.get(ref, ())
            if m.reply_to in authors
        )
        return Interactions("graph", nodes, edges)

    async def layout(self, graph, start=None):
        places = [(0.0, 1.0), (0.9, 0.3), (0.6, -0.8), (-0.6, -0.8), (-0.9, 0.3)]
        return {node.name: places[i % 5] for i, node in enumerate(graph.nodes)}

    async def export(self, ref, format):  # noqa: A002  as the hub
        return f"# {self.rows[ref].title} as {format}\n"

    async def ask(self, ask, ref=None):
        self.asked.append((ask, ref))
        if self.answer_error:
            raise self.answer_error
        question = self.post_now(ref, ask.question, author="you")
        return Answer(self.rows[ref], question, (), None, (), NOTHING, 0.1)

    async def estimate(self, ask, ref=None):
        self.calls.append(("estimate", ask))
        return Estimate(1, self.cost, self.cost * 10)

    async def stop(self, ref=None):
        self.calls.append(("stop", ref))
        return 1

    async def expire(self):
        return ()

    async def orphans(self):
        return self.left

    async def unanswered(self):
        return ()

    async def resume(self, ref=None):
        self.calls.append(("resume", ref))
        return self.left

    async def send_again(self, ref):
        self.calls.append(("send_again", ref))
        if self.answer_error:
            raise self.answer_error

    def on_outage(self, *, can_ask):
        self.can_ask = can_ask

    def answer_outage(self, question, wish):
        self.calls.append(("outage", question, wish))

    async def drop(self, ref=None):
        self.calls.append(("drop", ref))
        return self.left

    async def health(self):
        return (Health("openai", True, 0.212), Health("grok", False, None, "no key"))

    def set_strategy(self, name):
        if name not in ("hybrid", "round_robin"):
            raise UsageError(f"There is no strategy {name!r}.")
        self.strategy = name
