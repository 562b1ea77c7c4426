"""Approval: each voter names all options it can live with."""

from __future__ import annotations

from hub.consensus.profile import Count, Profile, top


def approval(profile: Profile) -> Count:
    """Count who approves of each option; a choice, or the first of a ranking, approves of one."""
    scores = dict.fromkeys(profile.options, 0.0)
    for ballot in profile.ballots.values():
        one = (ballot.choice,) if ballot.choice is not None else ballot.ranking[:1]
        for option in ballot.approvals or one:
            scores[option] += 1.0
    return Count(scores, top(scores, (o for o in profile.options if scores[o])))
