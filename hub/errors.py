"""Every error GitBridge raises on purpose, in one tree.

::

    GitBridgeError              exit 1
      UsageError                exit 2   wrong use: an empty question, an unknown agent, rule or format
      ConfigError               exit 2   a setting, key or address that cannot work
      NotFoundError             exit 1   nothing is stored under that id
      BudgetRefusedError        exit 4   a cap would be passed
      UndecidedError            exit 5   no consensus, or an expectation not met
      RoutingError              exit 1   no deployment can serve the turn
      TurnError                 exit 1   a turn ended without a result
        OrphanedTurnsError      exit 1   a dead program left turns in this thread
        PartitionBusyError      exit 1   another program's turn comes first; wait, then try again
      StorageError              exit 1   the journal cannot be read or written
        ForeignDatabaseError    exit 1   the file is not a GitBridge journal, or is damaged
        NewerSchemaError        exit 2   written by a newer GitBridge
        ReadOnlyStoreError      exit 1   read-only file, folder or full disk
        JournalBusyError        exit 1   another program holds the journal
      ExportError               exit 1   a transcript or picture could not be written
      TranscriptError           exit 1   a file cannot be imported: damaged, or its thread is here already
      ProviderError             exit 1   a provider did not give a usable answer
        ProviderConnectionError          nothing was sent, or the line broke
        ProviderTimeoutError             a deadline passed
        ProviderResponseError            an answer that makes no sense, or a 5xx
          TruncatedReplyError            a stream without its closing event
        RateLimitError                   429, with the wait where it is known
        QuotaError                       no money left on the account
        AuthenticationError              the key is missing, wrong or blocked
        ModelError                       unknown model, or one this key may not use
        ContextLengthError               the prompt does not fit the model
        BadRequestError                  the provider refuses the request as formed
        ContentFilterError               refused for its content
      EmbeddedModelError        exit 1   weights or library of the embedded model are missing

Each message is one sentence a person can act on: what was wrong, and what to do. None holds a key.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar


class SendOutcome(StrEnum):
    """What is known about a call whose outcome was not a reply (STORAGE: outcome of a call)."""

    NOT_SENT = "not_sent"
    """DNS, refused, connect timeout or TLS: the provider saw nothing; a repeat is free."""
    REJECTED = "rejected"
    """4xx, 429, or 503 before a body: seen and declined; nothing was billed."""
    UNKNOWN = "unknown"
    """Read timeout, reset, other 5xx or a cut stream: it may have been billed."""


class GitBridgeError(Exception):
    """Base of every error that GitBridge raises on purpose."""

    exit_code: ClassVar[int] = 1
    """Exit status of a command that ends with this error (CONFIG: exit codes)."""
    outage: ClassVar[bool] = False
    """True where the same may work once a provider can be reached again."""


class UsageError(GitBridgeError):
    """The person asked for something that cannot be done as asked."""

    exit_code = 2


class ConfigError(GitBridgeError):
    """A setting, key or address cannot work; the message names file and line where known."""

    exit_code = 2


class NotFoundError(GitBridgeError):
    """Nothing is stored under that id."""


class BudgetRefusedError(GitBridgeError):
    """A cap that the person set would be passed; nothing was sent."""

    exit_code = 4


class UndecidedError(GitBridgeError):
    """No consensus was reached, or `--expect` or `--require` was not met."""

    exit_code = 5


class RoutingError(GitBridgeError):
    """No deployment can serve the turn; the message lists each candidate and its reason."""

    outage = True

    def __init__(
        self,
        message: str,
        *,
        recovers_in_s: float | None = None,
        probing: bool = False,
        providers: tuple[str, ...] = (),
        tokens: int = 0,
    ) -> None:
        """Keep when trying again makes sense.

        Args:
            message: One sentence for the person, with every candidate and its reason.
            recovers_in_s: Seconds until the first rate limit ends; None: waiting is no use.
            probing: True while a call finds out whether a provider works again.
            providers: Those that are well and only have no room now: it is worth standing in line.
            tokens: That the turn should take there.
        """
        super().__init__(message)
        self.recovers_in_s = recovers_in_s
        self.probing = probing
        self.providers = providers
        self.tokens = tokens


class TurnError(GitBridgeError):
    """A turn ended without a result."""


class OrphanedTurnsError(TurnError):
    """A program that is gone left turns in this thread; the message names `resume` and `stop`."""

    @classmethod
    def of(cls, left: int) -> OrphanedTurnsError:
        """Return the error for a thread in which so many turns were left."""
        what, them = ("A turn was", "it") if left == 1 else (f"{left} turns were", "them")
        return cls(
            f"{what} left unfinished in this thread by a program that is gone: run `gitbridge "
            f"resume` to go on with {them}, or `gitbridge stop` to drop {them}."
        )


class PartitionBusyError(TurnError):
    """A turn of another living program comes first; the same `BeginTurn` works once it ended."""


class StorageError(GitBridgeError):
    """The journal cannot be read or written."""


class ForeignDatabaseError(StorageError):
    """The file is not a GitBridge journal, or it is damaged; it was left as it is."""


class NewerSchemaError(StorageError):
    """The journal was written by a newer GitBridge; the message names both versions."""

    exit_code = 2


class JournalBusyError(StorageError):
    """Another program holds the journal and does not let go; nothing was written."""


class ReadOnlyStoreError(StorageError):
    """The journal cannot be written now: read-only file or folder, or a full disk."""


class ExportError(GitBridgeError):
    """A transcript or picture could not be written."""


class TranscriptError(GitBridgeError):
    """A file cannot be imported; the message names the line or the place, and nothing was written."""


class EmbeddedModelError(GitBridgeError):
    """The embedded model cannot run; the message names the one command that brings it."""


class ProviderError(GitBridgeError):
    """A provider did not give a usable answer."""

    word: ClassVar[str] = "error"
    """What is wrong, in two words at most: for health checks, logs and scripts."""

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        outcome: SendOutcome,
        status: int | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
        visible: bool = False,
        partial: str = "",
        tries: int = 1,
        spent: tuple[Any, ...] | None = None,
    ) -> None:
        """Keep what routing, retry and the ledger need to know.

        Args:
            message: One sentence for the person: provider, what happened, what to do; no key.
            provider: Configured name of the provider.
            outcome: Whether a repeat is free, and whether tokens may have been billed.
            status: HTTP status, where there was one.
            request_id: The provider's own id of the request, for its support.
            retry_after_s: Seconds the provider asked to wait, where it did.
            visible: True once text had reached the person: no retry and no failover then.
            partial: The text that had arrived.
            tries: Requests that were made; all but the last cannot have cost anything.
            spent: What the provider counted for the failed answer: the fields of a `Usage`.
        """
        super().__init__(message)
        self.provider = provider
        self.outcome = outcome
        self.status = status
        self.request_id = request_id
        self.retry_after_s = retry_after_s
        self.visible = visible
        self.partial = partial
        self.tries = tries
        self.spent = spent
        self.limits: tuple[Any, ...] | None = None
        """What the provider said of rate limits: the fields of a `RateLimits`."""

    @property
    def maybe_billed(self) -> bool:
        """True where the provider may have counted tokens for it, as far as anybody knows."""
        return self.outcome is SendOutcome.UNKNOWN or self.spent is not None

    @property
    def retry_may_help(self) -> bool:
        """True where the same call may work later: after `retry_after_s`, if that is known."""
        return isinstance(
            self,
            ProviderConnectionError | ProviderTimeoutError | ProviderResponseError | RateLimitError,
        )


class ProviderConnectionError(ProviderError):
    """The provider could not be reached, or the line broke."""

    outage = True
    word = "unreachable"


class ProviderTimeoutError(ProviderError):
    """A deadline passed: first token, idle or total."""

    outage = True
    word = "timed out"


class ProviderResponseError(ProviderError):
    """An answer that makes no sense, or a server error."""

    outage = True


class TruncatedReplyError(ProviderResponseError):
    """A stream ended without its closing event."""


class RateLimitError(ProviderError):
    """Too many requests or tokens; `retry_after_s` where the provider said when."""

    outage = True
    word = "rate limited"


class QuotaError(ProviderError):
    """The account has no money or credits left: waiting does not help."""

    outage = True
    word = "no credit"


class AuthenticationError(ProviderError):
    """The key is missing, wrong or blocked."""

    word = "wrong key"


class ModelError(ProviderError):
    """The provider does not know the model, or this key may not use it."""

    word = "no model"


class ContextLengthError(ProviderError):
    """The prompt does not fit the model's window."""


class BadRequestError(ProviderError):
    """The provider refuses the request as formed; repeating it cannot help."""


class ContentFilterError(ProviderError):
    """The provider refused for the content."""
