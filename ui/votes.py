"""What a person does with the decision on the screen: vote, veto, change options, override, mark."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hub.domain.decision import Decision
from hub.errors import UsageError
from ui.facade import Facade

_BECAUSE = re.compile(r"(.*?)\s+because\s+(.+)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Voted:
    """A command about a decision, taken apart."""

    name: str
    """`vote`, `veto`, `option`, `join`, `split`, `override` or `mark`."""
    what: str = ""
    """Options, and drafts, with bars between them, the new option's text, or `right` and `wrong`."""
    reason: str = ""
    """Why; of a mark the right answer."""

    @property
    def parts(self) -> list[str]:
        """What stands between the bars."""
        return [part.strip() for part in self.what.split("|") if part.strip()]


def voted(name: str, argument: str) -> Voted:
    """Return what a command asks for.

    Raises:
        UsageError: Something is missing; says how it is typed.
    """
    argument = argument.strip()
    match name:
        case "veto":
            wanted = Voted(name, reason=argument)
        case "option":
            wanted = Voted(name, argument)
        case "mark":
            word, _, answer = argument.partition(" ")
            wanted = Voted(name, word if word in ("right", "wrong") else "", answer.strip())
        case _:
            found = _BECAUSE.fullmatch(argument)
            wanted = Voted(name, *(found.groups() if found else (argument,)))
    if not all(getattr(wanted, part) for part in _NEEDED[name][0]):
        raise UsageError(_NEEDED[name][1])
    return wanted


_NEEDED = {
    "vote": (("what",), "The option is missing: /vote A, or /vote abstain."),
    "veto": (("reason",), "A veto needs a reason: /veto REASON."),
    "option": (("what",), "The option is missing: /option TEXT."),
    "join": (("what", "reason"), "Joining takes two and a reason: /join A | B because REASON."),
    "split": (("what", "reason"), "Splitting needs a reason: /split A | AGENT because REASON."),
    "override": (("what", "reason"), "Overriding needs a reason: /override A because REASON."),
    "mark": (("what",), "Say how it was: /mark right, or /mark wrong ANSWER."),
}
"""By command, what has to be there, and what to say where it is not."""


async def carry_out(hub: Facade, decision: Decision, wanted: Voted) -> str:  # noqa: PLR0911  one a command
    """Do it, and return the sentence to show.

    Raises:
        GitBridgeError: Whatever the hub refuses.
    """
    match wanted.name:
        case "option":
            await hub.propose(decision.id, wanted.what)
            return "your option is voted on in the next round, if there is one"
        case "join":
            await hub.join(decision.id, wanted.parts, reason=wanted.reason)
            return "they are one option now, and your reason is in the record"
        case "split":
            option, *drafts = wanted.parts
            await hub.split(decision.id, option, drafts, reason=wanted.reason)
            return "they are two options now, and your reason is in the record"
        case "override":
            await hub.override(decision.id, wanted.what, reason=wanted.reason)
            return "it is decided so, and your reason is in the record"
        case "mark":
            right = wanted.what == "right"
            await hub.mark_decision(decision.id, right=right, answer=wanted.reason or None)
            return f"marked {wanted.what}: that teaches whom to trust"
        case "veto":
            await hub.vote(decision.id, block=True, reason=wanted.reason)
            return "your veto is in the record"
        case _:
            choices = [] if wanted.parts == ["abstain"] else wanted.parts
            await hub.vote(decision.id, choices, reason=wanted.reason)
            return "your ballot counts"
