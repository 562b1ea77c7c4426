"""A turn as spans: what a tracing system is told of it, and never a word of what was said.

Names and attributes are OpenTelemetry's semantic conventions for generative AI (`gen_ai.*`), status
"development"; what these have no name for begins with `gitbridge.`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.domain.route import Route
from hub.domain.turn import Call, CallState, TurnRecord, TurnState
from hub.domain.usage import MICRO

Value = str | int | float | bool
_PROVIDERS = {"grok": "x_ai"}
"""What the conventions call a provider; others go by their configured name."""


@dataclass(frozen=True, slots=True)
class Span:
    """One span, ended."""

    name: str
    client: bool
    """True: a request to somebody else; False: work of our own."""
    started_at: int
    """UTC microseconds, as is the end."""
    ended_at: int
    attributes: Mapping[str, Value]
    failed: str = ""
    """What went wrong, in a word; empty where nothing did."""
    inner: tuple[Span, ...] = ()


def turn_span(
    record: TurnRecord, route: Route | None, costs: Mapping[str, int | None]
) -> Span | None:
    """Return a turn that has ended with its calls inside it; None: it never began.

    Args:
        record: All that the journal knows of it.
        route: The newest one, for the strategy.
        costs: Micro-dollars by call; None is unknown, and is not told as zero.
    """
    turn = record.turn
    if turn.started_at is None or turn.ended_at is None:
        return None
    order = turn.order
    attributes: dict[str, Value] = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": order.agent,
        "gen_ai.conversation.id": turn.thread_id,
        "gitbridge.turn.id": turn.id,
        "gitbridge.turn.purpose": order.purpose.value,
        "gitbridge.turn.state": turn.state.value,
    }
    if route is not None:
        attributes["gitbridge.route.strategy"] = route.strategy
        attributes["gitbridge.route.confidence"] = round(route.confidence, 4)
    if order.question_id:
        attributes["gitbridge.question.id"] = order.question_id
    if order.decision_id:
        attributes["gitbridge.decision.id"] = order.decision_id
    calls = tuple(_call_span(record, call, costs.get(call.id)) for call in record.calls)
    return Span(
        name=f"invoke_agent {order.agent}",
        client=False,
        started_at=turn.started_at,
        ended_at=turn.ended_at,
        attributes=attributes,
        failed="" if turn.state is TurnState.DONE else turn.state.value,
        inner=tuple(filter(None, calls)),
    )


def _call_span(record: TurnRecord, call: Call, cost: int | None) -> Span | None:
    if call.ended_at is None:
        return None
    sent, usage = record.sent, call.usage
    told: dict[str, Value | None] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS.get(call.provider, call.provider),
        "gen_ai.request.model": call.model,
        "gen_ai.request.max_tokens": sent.max_output if sent else None,
        "gen_ai.request.temperature": sent.temperature if sent else None,
        "gen_ai.output.type": "json" if sent and sent.schema else "text",
        "gen_ai.agent.name": record.turn.order.agent,
        "gen_ai.conversation.id": record.turn.thread_id,
        "gen_ai.response.model": call.served_model,
        "gen_ai.response.time_to_first_chunk": call.first_token_s,
        "gen_ai.usage.input_tokens": usage.prompt_tokens if usage else None,
        "gen_ai.usage.output_tokens": usage.completion_tokens if usage else None,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens if usage else None,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens if usage else None,
        "http.response.status_code": call.status,
        "gitbridge.call.id": call.id,
        "gitbridge.call.tries": call.tries,
        "gitbridge.cost_usd": None if cost is None else cost / MICRO,
    }
    failed = "" if call.state is CallState.DONE else call.state.value
    if failed:
        told["error.type"] = str(call.status) if call.status else failed
    return Span(
        name=f"chat {call.model}",
        client=True,
        started_at=call.started_at,
        ended_at=call.ended_at,
        attributes={name: value for name, value in told.items() if value is not None},
        failed=failed,
    )
