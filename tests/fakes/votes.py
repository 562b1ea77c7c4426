"""Proposals and ballots for tests, in few words."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.decision import Ballot, BallotKind, Option, Proposal, Rule

FAMILIES = ("gpt", "grok", "llama")


def proposal(voters: int = 3, options: str = "abc", rule: Rule = Rule.MAJORITY, **more) -> Proposal:
    """Return a proposal with voters v0, v1, ... and one-letter options."""
    return Proposal(
        question="Which?",
        options=tuple(Option(letter) for letter in options),
        eligible=tuple(f"v{n}" for n in range(voters)),
        rule=rule,
        **{"seed": "seed", **more},
    )


def vote(voter: int | str, choice: str, *, round_: int = 1, **more) -> Ballot:
    """Return a ballot: a letter, `-` to abstain or `!` to block; families go round by voter."""
    if isinstance(voter, str):
        more = {"kind": BallotKind.HUMAN, **more}
        name, family = voter, None
    else:
        name, family = f"v{voter}", FAMILIES[voter % len(FAMILIES)]
    return Ballot(
        voter=name,
        round=round_,
        choice=None if choice in "-!" else Option(choice).id,
        abstain=choice == "-",
        block=choice == "!",
        **{"family": family, **more},
    )


def rank(voter: int, letters: str, **more) -> Ballot:
    """Return a ranking, best first."""
    return replace(
        vote(voter, "-", **more),
        abstain=False,
        ranking=tuple(Option(letter).id for letter in letters),
    )


def approve(voter: int, letters: str, **more) -> Ballot:
    """Return a ballot that approves of these."""
    return replace(rank(voter, letters, **more), ranking=(), approvals=rank(voter, letters).ranking)


def votes(choices: str, **more) -> tuple[Ballot, ...]:
    """Return the ballots of v0, v1, ..., one letter each; a space casts none."""
    return tuple(vote(n, c, **more) for n, c in enumerate(choices) if c != " ")


def letter(of: Proposal, option_id: str | None) -> str | None:
    """Return the option's letter."""
    return next((o.text for o in of.options if o.id == option_id), None)
