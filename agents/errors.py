"""The error tree once more per provider, by the names that the seed gave it.

Whatever the Grok agent raises is a `GrokAPIError`, and also the class of `hub.errors` that routing
and retry decide by; the same for OpenAI. Other providers raise the plain classes.
"""

from __future__ import annotations

from collections.abc import Mapping

from hub.domain.agent import ProviderKind
from hub.errors import (
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    ModelError,
    ProviderConnectionError,
    ProviderError,
    ProviderResponseError,
    ProviderTimeoutError,
    QuotaError,
    RateLimitError,
    TruncatedReplyError,
)


class OpenAIAPIError(ProviderError):
    """Any failure of OpenAI's."""


class OpenAIConnectionError(OpenAIAPIError, ProviderConnectionError):
    """OpenAI could not be reached, or the line broke."""


class OpenAITimeoutError(OpenAIAPIError, ProviderTimeoutError):
    """A deadline passed."""


class OpenAIResponseError(OpenAIAPIError, ProviderResponseError):
    """An answer that makes no sense, or a server error."""


class OpenAITruncatedError(OpenAIResponseError, TruncatedReplyError):
    """A stream without its closing event."""


class OpenAIRateLimitError(OpenAIAPIError, RateLimitError):
    """Too many requests or tokens."""


class OpenAIQuotaError(OpenAIAPIError, QuotaError):
    """No money left on the account."""


class OpenAIAuthenticationError(OpenAIAPIError, AuthenticationError):
    """The key is missing, wrong or blocked."""


class OpenAIModelError(OpenAIAPIError, ModelError):
    """A model that is unknown, or not for this key."""


class OpenAIContextLengthError(OpenAIAPIError, ContextLengthError):
    """The prompt does not fit."""


class OpenAIBadRequestError(OpenAIAPIError, BadRequestError):
    """The request is refused as formed."""


class OpenAIContentFilterError(OpenAIAPIError, ContentFilterError):
    """Refused for the content."""


class GrokAPIError(ProviderError):
    """Any failure of xAI's."""


class GrokConnectionError(GrokAPIError, ProviderConnectionError):
    """The xAI API could not be reached, or the line broke."""


class GrokTimeoutError(GrokAPIError, ProviderTimeoutError):
    """A deadline passed."""


class GrokResponseError(GrokAPIError, ProviderResponseError):
    """An answer that makes no sense, or a server error."""


class GrokTruncatedError(GrokResponseError, TruncatedReplyError):
    """A stream without its closing event."""


class GrokRateLimitError(GrokAPIError, RateLimitError):
    """Too many requests or tokens."""


class GrokQuotaError(GrokAPIError, QuotaError):
    """No credits left on the team."""


class GrokAuthenticationError(GrokAPIError, AuthenticationError):
    """The key is missing, wrong or blocked."""


class GrokModelError(GrokAPIError, ModelError):
    """A model that is unknown, or not for this key."""


class GrokContextLengthError(GrokAPIError, ContextLengthError):
    """The prompt does not fit."""


class GrokBadRequestError(GrokAPIError, BadRequestError):
    """The request is refused as formed."""


class GrokContentFilterError(GrokAPIError, ContentFilterError):
    """Refused for the content."""


_TREES: Mapping[ProviderKind, tuple[type[ProviderError], ...]] = {
    ProviderKind.OPENAI: (
        OpenAIConnectionError,
        OpenAITimeoutError,
        OpenAITruncatedError,
        OpenAIResponseError,
        OpenAIRateLimitError,
        OpenAIQuotaError,
        OpenAIAuthenticationError,
        OpenAIModelError,
        OpenAIContextLengthError,
        OpenAIBadRequestError,
        OpenAIContentFilterError,
        OpenAIAPIError,
    ),
    ProviderKind.GROK: (
        GrokConnectionError,
        GrokTimeoutError,
        GrokTruncatedError,
        GrokResponseError,
        GrokRateLimitError,
        GrokQuotaError,
        GrokAuthenticationError,
        GrokModelError,
        GrokContextLengthError,
        GrokBadRequestError,
        GrokContentFilterError,
        GrokAPIError,
    ),
}


def class_for(provider: ProviderKind, kind: type[ProviderError]) -> type[ProviderError]:
    """Return the provider's own class of this kind of error, or the kind itself."""
    own = _TREES.get(provider, ())
    exact = (c for c in own if kind in c.__bases__)
    return next(exact, None) or next((c for c in own if issubclass(c, kind)), kind)
