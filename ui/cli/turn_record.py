"""All that is known of one turn, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.route import Route
from hub.domain.turn import Call, SentRecord, TurnRecord
from hub.exports.shapes import Json, money_json, route_json, time_json
from ui.format import UNKNOWN, date_time, money
from ui.plain import indented


def record_lines(record: TurnRecord, route: Route | None) -> list[str]:
    """Return state, route, every part that was sent, every call, and what came back."""
    turn = record.turn
    lines = [
        f"Turn {turn.id} of {turn.order.agent}: {turn.order.purpose.value}, {turn.state.value}",
        f"Thread {turn.thread_id}; queued {date_time(turn.queued_at)}",
    ]
    if turn.error:
        lines.append(f"Error: {turn.error}")
    if route is not None:
        lines.append(f"Route: {route.deployment.id}: {route.reason}")
    if record.sent is not None:
        lines += _sent_lines(record.sent)
    lines += (_call_line(call) for call in record.calls)
    lines += ("", "Came back:", indented(record.reply) if record.reply else "  (nothing)")
    return lines


def _sent_lines(sent: SentRecord) -> Iterator[str]:
    heat = UNKNOWN if sent.temperature is None else f"{sent.temperature:g}"
    yield (
        f"Sent as {sent.persona} (text {sent.persona_version}), at most {sent.max_output} "
        f"tokens of answer, temperature {heat if sent.temperature is not None else 'default'}"
    )
    if sent.left_out:
        yield f"{sent.left_out} older messages did not fit and were left out"
    yield from (f"Attached: SHA-256 {digest}" for digest in sent.attachments)
    for part in sent.parts:
        shows = f", message {part.message_id}" if part.message_id else ""
        yield f"\n[{part.role.value}{shows}]"
        yield indented(part.text)
    yield ""


def _call_line(call: Call) -> str:
    used = "no usage"
    if call.usage is not None:
        used = f"{call.usage.prompt_tokens} + {call.usage.completion_tokens} tokens"
        used += " (estimated)" if call.usage.estimated else ""
    error = f": {call.error}" if call.error else ""
    model = call.served_model or call.model
    held = money(call.reserved)
    return f"Call {call.n}: {call.provider}/{model}, {call.state.value}, {used}, held {held}{error}"


def record_json(record: TurnRecord, route: Route | None) -> Json:
    """Return the object of `turn show --json`."""
    turn, sent = record.turn, record.sent
    return {
        "id": turn.id,
        "thread": turn.thread_id,
        "agent": turn.order.agent,
        "purpose": turn.order.purpose.value,
        "round": turn.order.round,
        "state": turn.state.value,
        "error": turn.error,
        "queued_at": time_json(turn.queued_at),
        "started_at": None if turn.started_at is None else time_json(turn.started_at),
        "ended_at": None if turn.ended_at is None else time_json(turn.ended_at),
        "route": route_json(route) if route else None,
        "sent": _sent_json(sent) if sent else None,
        "calls": [_call_json(call) for call in record.calls],
        "reply": record.reply,
        "message": record.message_id,
    }


def _sent_json(sent: SentRecord) -> Json:
    return {
        "parts": [
            {"role": part.role.value, "text": part.text, "message": part.message_id}
            for part in sent.parts
        ],
        "persona": sent.persona,
        "persona_version": sent.persona_version,
        "attachments": list(sent.attachments),
        "left_out": sent.left_out,
        "max_output": sent.max_output,
        "temperature": sent.temperature,
        "schema": sent.schema,
    }


def _call_json(call: Call) -> Json:
    usage = call.usage
    return {
        "n": call.n,
        "provider": call.provider,
        "model": call.model,
        "served_model": call.served_model,
        "state": call.state.value,
        "tries": call.tries,
        "status": call.status,
        "reserved_usd": money_json(call.reserved),
        "prompt_tokens": usage.prompt_tokens if usage else None,
        "completion_tokens": usage.completion_tokens if usage else None,
        "estimated": usage.estimated if usage else None,
        "first_token_s": call.first_token_s,
        "request_hash": call.request_hash,
        "error": call.error,
    }
