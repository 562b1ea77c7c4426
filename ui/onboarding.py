"""Whether somebody needs to be shown round, and what the embedded model says to that."""

from __future__ import annotations

from hub.domain.agent import ProviderKind
from hub.domain.ask import Ask
from hub.errors import GitBridgeError, TurnError
from ui.session import Session

GREETING = "Say hello in one short sentence."


def wants_connection(session: Session) -> bool:
    """Tell whether nothing is connected but the embedded model, and nobody has said that it may stay so."""
    kinds = {deployment.kind for deployment in session.hub.deployments}
    return not session.memory.introduced and kinds <= {ProviderKind.LOCAL}


async def try_embedded(session: Session) -> None:
    """Have the embedded model answer once, in a thread of its own.

    Raises:
        GitBridgeError: It did not.
    """
    try:
        answer = await session.ask(Ask(GREETING, provider="local"), None)
    except GitBridgeError as error:
        raise TurnError(f"The embedded model did not answer: {error}") from error
    if not answer.messages:
        why = answer.failures[0] if answer.failures else "it said nothing."
        raise TurnError(f"The embedded model did not answer: {why}")
