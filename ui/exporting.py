"""Everything that the screen writes to files: threads, graphs, pictures, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.domain.ids import DecisionId, ThreadId
from hub.errors import UsageError
from ui.facade import Facade


@dataclass(frozen=True, slots=True)
class Export:
    """One kind of file."""

    says: str
    """What it is for."""
    suffix: str
    format: str
    """As the hub calls it."""
    kind: str = ""
    """What is drawn (`hub.facade.drawings.KINDS`); `decision` for a record; empty: the thread itself."""

    @property
    def of_decision(self) -> bool:
        """True: it is made of the thread's newest decision."""
        return self.kind in ("decision", "card")


EXPORTS: Mapping[str, Export] = {
    "markdown": Export("the thread, to read and to paste", "md", "markdown"),
    "json": Export("the thread to the byte; GitBridge takes it back", "json", "json"),
    "html": Export("the thread with its graph on one page, for a browser", "html", "html"),
    "jsonl": Export("the thread, a line for each message", "jsonl", "jsonl"),
    "csv": Export("the thread, for a spreadsheet", "csv", "csv"),
    "png": Export("the graph as a picture", "png", "png", "network"),
    "svg": Export("the graph as a drawing", "svg", "svg", "network"),
    "graph-html": Export("the graph on one page", "html", "html", "network"),
    "graphml": Export("the graph, for graph programs", "graphml", "graphml", "network"),
    "graph-json": Export("the graph as data", "json", "json", "network"),
    "mermaid": Export("the graph as a Mermaid diagram", "mmd", "mermaid", "network"),
    "dot": Export("the graph for Graphviz", "dot", "dot", "network"),
    "agreement": Export("who agrees with whom, as a picture", "png", "png", "agreement"),
    "timeline": Export("the decisions over time, as a picture", "png", "png", "timeline"),
    "calls": Export("calls over time, as a picture", "png", "png", "calls"),
    "routing": Export("who was routed to over time, as a picture", "png", "png", "routing"),
    "sequence": Export("who spoke when, as a Mermaid diagram", "mmd", "mermaid", "sequence"),
    "pie": Export("who spoke how much, as a Mermaid diagram", "mmd", "mermaid", "pie"),
    "decision": Export("the newest decision as a decision record", "md", "markdown", "decision"),
    "decision-json": Export("the newest decision as data", "json", "json", "decision"),
    "card": Export("the newest decision as one picture", "png", "png", "card"),
}
"""By the name that `/export` takes."""


async def exported(
    hub: Facade, export: Export, thread: ThreadId, decision: DecisionId | None
) -> str | bytes:
    """Return the content of a file.

    Args:
        hub: Makes it.
        export: What is wanted.
        thread: The open one.
        decision: Its newest decision.

    Raises:
        UsageError: A decision is wanted and there is none.
    """
    if export.of_decision and decision is None:
        raise UsageError("There is no decision in this thread yet: /decide opens one.")
    if export.kind == "decision" and decision is not None:
        return await hub.export_decision(decision, export.format)
    if export.kind:
        ref = decision if export.of_decision else thread
        return await hub.drawing(export.kind, export.format, ref=ref)
    return await hub.export(thread, export.format)
