"""Which error an answer is: by status, code and words, for OpenAI, xAI and their imitators.

The table is PROVIDERS.md, "Errors". xAI's `error` is a string and its wrong key a 400; quota comes
as 429, 402 or 403; a stream carries errors under HTTP 200, nested or flat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agents.decode import parse_json
from agents.failure import DECLINED, FailedCallError, Failure
from agents.limits import rate_limits
from agents.redaction import redact
from agents.waiting import retry_after
from agents.wire import Endpoint
from hub.errors import (
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    ModelError,
    ProviderError,
    ProviderResponseError,
    QuotaError,
    RateLimitError,
    SendOutcome,
    TruncatedReplyError,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a provider says is wrong."""

    message: str = ""
    code: str = ""
    type: str = ""
    parameter: str = ""

    @property
    def words(self) -> str:
        """Everything to search in, in lower case."""
        return f"{self.code} {self.type} {self.message}".lower()


_RULES: tuple[tuple[type[ProviderError], frozenset[int], re.Pattern[str]], ...] = (
    (
        QuotaError,
        frozenset((200, 400, 402, 403, 429)),
        re.compile(
            r"insufficient_quota|exceeded your current quota|billing_hard_limit|billing_not_active"
            r"|usage limit|spending limit|any credits|out of credits|no credits|more credits"
            r"|available credits|insufficient (credits|funds|balance)|credit balance"
        ),
    ),
    (
        AuthenticationError,
        frozenset((200, 400, 401, 403)),
        re.compile(
            r"invalid_api_key|authentication_error|(incorrect|invalid|missing|no|blocked|disabled"
            r"|expired|revoked) api[ _-]?key|api[ _-]?key.{0,40}(blocked|disabled|expired|invalid"
            r"|revoked|not found)"
        ),
    ),
    (
        ContextLengthError,
        frozenset((200, 400, 413, 422, 429, 500)),
        re.compile(
            r"context_length_exceeded|exceed_context_size|maximum context length|context window"
            r"|maximum prompt length|available context size|request too large|prompt is too long"
        ),
    ),
    (
        ContentFilterError,
        frozenset((200, 400, 403)),
        re.compile(
            r"content_filter|content_policy|content management policy|moderation_blocked"
            r"|violates (our |the )?usage (guidelines|policies)|safety_violations"
        ),
    ),
    (
        ModelError,
        frozenset((200, 400, 403, 404)),
        re.compile(
            r"model_not_found|model not found|model.{0,200}(does not exist|deprecated|decommissioned"
            r"|retired)|not have access to (the )?model|unknown model"
        ),
    ),
    (
        RateLimitError,
        frozenset((200, 403)),
        re.compile(r"rate_limit|rate limit|ratelimit|too many requests|overloaded_error"),
    ),
)
_BY_STATUS: Mapping[int, type[ProviderError]] = {
    401: AuthenticationError,
    402: QuotaError,
    403: AuthenticationError,
    404: ModelError,
    408: ProviderResponseError,
    409: ProviderResponseError,
    429: RateLimitError,
}
_MOST_SAID = 8_000
"""Characters of an error that are searched and shown; some servers answer with the whole prompt."""
_REFUSED = re.compile(r"unsupported|not support|unrecognized|unknown|not allowed|unexpected|extra")
_NAMED = re.compile(
    r"temperature|reasoning_effort|max_completion_tokens|max_tokens|stream_options|response_format"
)


def problem_of(body: bytes | str) -> Problem:
    """Read what an error body says, in any of the known shapes."""
    return problem_in(parse_json(body))


def problem_in(found: object) -> Problem:
    """Read an error object: nested under `error`, flat, or with a string as `error`."""
    if not isinstance(found, dict):
        return Problem()
    inner = found.get("error")
    if isinstance(inner, str):
        return Problem(_text(inner), _text(found.get("code")), _text(found.get("type")))
    if not isinstance(inner, dict):
        inner = found
    return Problem(
        _text(inner.get("message")) or _text(inner.get("detail")),
        _text(inner.get("code")),
        _text(inner.get("type")),
        _text(inner.get("param")),
    )


def _text(value: object) -> str:
    said = value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    return said[:_MOST_SAID]


def kind_of(status: int, problem: Problem) -> type[ProviderError]:
    """Return the class of error; status 200 stands for one inside an answer."""
    for kind, statuses, words in _RULES:
        if status in statuses and words.search(problem.words):
            return kind
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return BadRequestError if 400 <= status < 500 else ProviderResponseError


def outcome_of(status: int, kind: type[ProviderError]) -> SendOutcome:
    """Return what an answer with this status may have cost (STORAGE: outcome of a call)."""
    if status == 200:
        declined = not issubclass(kind, ProviderResponseError)
        return SendOutcome.REJECTED if declined else SendOutcome.UNKNOWN
    if 300 <= status < 500 or status in DECLINED:
        return SendOutcome.REJECTED
    return SendOutcome.UNKNOWN


def failure_of(
    endpoint: Endpoint, status: int, headers: Mapping[str, str], problem: Problem, now: int
) -> Failure:
    """Return the failure that an answer is.

    Args:
        endpoint: Who answered.
        status: HTTP status; 200 for an error inside an answer.
        headers: Names in lower case.
        problem: What the body says.
        now: UTC microseconds.
    """
    kind = kind_of(status, problem)
    return Failure(
        kind=kind,
        sentence=_sentence(endpoint, status, kind, problem),
        outcome=outcome_of(status, kind),
        status=status,
        request_id=redacted_id(headers.get("x-request-id")),
        retry_after_s=retry_after(headers, problem.message, now),
        parameter=_refused_parameter(problem) if kind is BadRequestError else None,
        should_retry={"true": True, "false": False}.get(headers.get("x-should-retry", "")),
        limits=rate_limits(headers, endpoint.kind, now),
    )


def redacted_id(value: str | None) -> str | None:
    """Return a request id if it looks like one."""
    return value if value and re.fullmatch(r"[\w.:-]{1,128}", value) else None


def _refused_parameter(problem: Problem) -> str | None:
    """Return the parameter that the provider does not take, where it says so."""
    if not _REFUSED.search(problem.words):
        return None
    if problem.parameter:
        return problem.parameter
    message = problem.message.lower().replace("reasoningeffort", "reasoning_effort")
    found = _NAMED.search(message)
    return found[0] if found else None


def _sentence(endpoint: Endpoint, status: int, kind: type[ProviderError], problem: Problem) -> str:
    said = redact(problem.message).rstrip(".")
    source = endpoint.key_source or "config.toml"
    happened, advice = _WORDS_FOR.get(kind, _WORDS_FOR[ProviderResponseError])
    if 300 <= status < 400:
        happened, advice = (
            "sent the call to another address",
            "which is not followed: check its base_url",
        )
    if kind is AuthenticationError and endpoint.key is None:
        happened, advice = "wants a key and has none", "set one in the environment or config.toml"
    if kind is ModelError and status == 404 and not problem.message:
        happened, advice = "has nothing at this address", "check its base_url and the model's name"
    number = f" ({status})" if status != 200 else ""
    quote = f": “{said}”" if said else ""
    return f"{endpoint.title} {happened}{number}{quote}; {advice.format(source=source)}."


_WORDS_FOR: Mapping[type[ProviderError], tuple[str, str]] = {
    QuotaError: ("has no money left for this key", "add credit there or use another provider"),
    AuthenticationError: ("refused the key", "check the key from {source}"),
    ContextLengthError: (
        "cannot take a prompt this long",
        "use a model with a larger window or a shorter thread",
    ),
    ContentFilterError: ("refused for the content", "rephrase the question"),
    ModelError: (
        "does not serve this model to this key",
        "see `gitbridge models` for those it does",
    ),
    RateLimitError: ("takes no more calls for now", "wait, or use another provider"),
    BadRequestError: ("refused the request", "another model may take it"),
    ProviderResponseError: ("failed", "try again later or use another provider"),
}


def useless_answer(
    endpoint: Endpoint,
    happened: str,
    advice: str = "try again or use another provider",
    kind: type[ProviderError] = ProviderResponseError,
) -> FailedCallError:
    """Return the failure of an answer that came under status 200 and cannot be used.

    Args:
        endpoint: Who answered.
        happened: Continues the provider's name.
        advice: What the person can do.
        kind: Class of error.
    """
    sentence = f"{endpoint.title} {happened}; {advice}."
    return FailedCallError(Failure(kind, sentence, SendOutcome.UNKNOWN, 200))


def truncated_answer(endpoint: Endpoint) -> FailedCallError:
    """Return the failure of a stream without its closing event."""
    return useless_answer(endpoint, "broke off its answer", kind=TruncatedReplyError)
