"""The agents: who works, on what and how long, who is done, who failed and why."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from typing_extensions import override

from hub.domain.text import one_line
from ui.elapsed import elapsed
from ui.format import provider_mark, speaks_unicode
from ui.view import AgentView, Phase

_STYLES = {
    Phase.WAITING: ("·", ".", "$text-muted"),
    Phase.THINKING: ("▸", ">", "$tone-busy"),
    Phase.WRITING: ("▸", ">", "$tone-busy"),
    Phase.VOTING: ("▸", ">", "$tone-busy"),
    Phase.IDLE: (" ", " ", "$text-muted"),
    Phase.DONE: ("✓", "+", "$tone-good"),
    Phase.FAILED: ("✗", "x", "$tone-bad"),
    Phase.STOPPED: ("⊘", "-", "$text-muted"),
}


def in_groups(agents: Sequence[AgentView]) -> list[AgentView]:
    """Return the working ones first, then done and idle, then failed; each as configured."""

    def group(agent: AgentView) -> int:
        return 0 if agent.phase.is_working else 2 if agent.phase is Phase.FAILED else 1

    return sorted(agents, key=group)


def agent_lines(agent: AgentView, width: int, now: int, *, ascii_only: bool) -> list[Content]:
    """Return an agent as a line; its state, and why it waits or failed, go below where needed."""
    mark = provider_mark(agent.provider) if agent.provider else None
    shape = mark.sign(ascii_only=ascii_only) if mark else ("o" if ascii_only else "○")
    glyph, plain, style = _STYLES[agent.phase]
    ticking = elapsed(agent.since, now) if agent.phase.is_working else ""
    state = f"{plain if ascii_only else glyph} {agent.phase} {ticking}".rstrip()
    name = Content.assemble(
        (f"{shape} ", f"$tone-{mark.tone}" if mark else "$text-muted"), one_line(agent.name, 32)
    )
    gap = width - name.cell_length - len(state)
    if gap > 0:
        lines = [name + Content(" " * gap) + Content.styled(state, style)]
    else:
        lines = [name.truncate(width, ellipsis=True), Content.styled(f"  {state}", style)]
    if agent.detail:
        detail = Content.styled(f"  {one_line(agent.detail, 120)}", "$text-muted")
        lines.append(detail.truncate(width, ellipsis=True))
    return lines


class AgentList(Widget):
    """All agents, one or two lines each."""

    DEFAULT_CSS = """
    AgentList {
        height: auto;
        max-height: 50%;
        padding: 0 1;
        overflow: hidden;
    }
    """

    agents: reactive[tuple[AgentView, ...]] = reactive((), layout=True)
    """Who is shown."""
    now: reactive[int] = reactive(0)
    """UTC microseconds, for the clocks."""

    @override
    def render(self) -> Content:
        width = max(16, self.size.width)
        lines = [
            line
            for agent in in_groups(self.agents)
            for line in agent_lines(agent, width, self.now, ascii_only=not speaks_unicode())
        ]
        return Content("\n").join(lines)
