"""Options that a person joined or split, and where the ballots cast for them count now.

Ballots stay as they were cast. A vote counts for the option that holds the words which it was cast
for: where an answer is the vote, the voter's own words; else the text that stood on the ballot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hub.domain.decision import Ballot, Draft, Option, Proposal, Regrouping


def drafts_of(option: Option) -> tuple[Draft, ...]:
    """Return the drafts that an option stands for, one an author."""
    alone = (Draft(name, option.text, option.key) for name in option.authors or ("",))
    return option.drafts or tuple(alone)


def regrouped(proposal: Proposal, change: Regrouping) -> Proposal:
    """Return the proposal with a change made, and kept."""
    options = _replaced(proposal.options, change.before, change.after)
    return replace(proposal, options=options, regroupings=(*proposal.regroupings, change))


def as_it_was(proposal: Proposal, changes: int = 0) -> Proposal:
    """Return the proposal as it was once so many regroupings were made; 0: as the hub merged it."""
    for change in reversed(proposal.regroupings[changes:]):
        options = _replaced(proposal.options, change.after, change.before)
        proposal = replace(proposal, options=options)
    return replace(proposal, regroupings=proposal.regroupings[:changes])


def ever_on_table(proposal: Proposal) -> tuple[Option, ...]:
    """Return the options and those that regroupings took off the table, each id once."""
    former = (option for change in reversed(proposal.regroupings) for option in change.before)
    found: dict[str, Option] = {}
    for option in (*proposal.options, *former):
        found.setdefault(option.id, option)
    return tuple(found.values())


def is_borne_out(proposal: Proposal) -> bool:
    """True where each regrouping moved drafts that were there, and lost or added none."""
    table = set(proposal.options)
    for change in reversed(proposal.regroupings):
        before, after = set(change.before), set(change.after)
        if not after <= table or _words(change.before) != _words(change.after):
            return False
        table = table - after | before
    return True


def placed(proposal: Proposal, ballots: Iterable[Ballot]) -> tuple[Ballot, ...]:
    """Return ballots as they count on the table as it is now; what they were cast for stays said."""
    homes = _homes(proposal.options)
    return tuple(_placed(as_cast(ballot), homes) for ballot in ballots)


def as_cast(ballot: Ballot) -> Ballot:
    """Return a ballot as it was cast."""
    if not ballot.as_cast:
        return ballot
    return replace(_naming(ballot, ballot.as_cast), as_cast=())


def _placed(ballot: Ballot, homes: Mapping[str, str]) -> Ballot:
    said = _named(ballot)
    own = Draft("", ballot.answer).id if ballot.answer else ""
    now = tuple(dict.fromkeys(homes.get(own) or homes.get(id_, id_) for id_ in said))
    return ballot if now == said else replace(_naming(ballot, now), as_cast=said)


def _named(ballot: Ballot) -> tuple[str, ...]:
    """Return the ids that a ballot names, in its order."""
    return (ballot.choice,) if ballot.choice is not None else ballot.ranking or ballot.approvals


def _naming(ballot: Ballot, ids: tuple[str, ...]) -> Ballot:
    """Return a ballot of the same form that names these."""
    if ballot.choice is not None:
        return replace(ballot, choice=ids[0])
    return replace(ballot, ranking=ids) if ballot.ranking else replace(ballot, approvals=ids)


def _homes(options: Iterable[Option]) -> dict[str, str]:
    """Return which option holds the words of each draft; words of an option's own are its own."""
    table = tuple(options)
    held = {draft.id: option.id for option in table for draft in option.drafts}
    return held | {option.id: option.id for option in table}


def _replaced(
    table: tuple[Option, ...], gone: tuple[Option, ...], new: tuple[Option, ...]
) -> tuple[Option, ...]:
    """Return the table with options in the place of others."""
    ids = {option.id for option in gone}
    place = min((n for n, option in enumerate(table) if option.id in ids), default=len(table))
    kept = [[o for o in part if o.id not in ids] for part in (table[:place], table[place:])]
    return (*kept[0], *new, *kept[1])


def _words(options: Iterable[Option]) -> list[tuple[str, str]]:
    return sorted((draft.author, draft.id) for option in options for draft in drafts_of(option))
