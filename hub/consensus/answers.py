"""Where an answer is a value, what an agent posts is its vote (CONSENSUS: from question to options)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from hub.consensus.canonical import canonical
from hub.consensus.labels import REASON_LIMIT
from hub.domain.decision import AnswerKind, Ballot, Option
from hub.domain.text import sanitize

_LONGEST = 400
"""Characters of an answer."""
_A_SENTENCE = 60
"""Characters beyond which a line by itself is talk rather than a value."""
_LINE = re.compile(r"^[\s>*_`#-]*answer[\s*_`]*[:=][\s*_`]*(.*?)[\s*_`.]*$", re.IGNORECASE)


def answer_in(post: str) -> str | None:
    """Return the answer in a post: what its last `Answer:` line says, or all of a post of one line.

    None where there is neither, and for a line as long as a sentence: nothing is guessed from prose.
    """
    lines = [line for line in sanitize(post).strip().splitlines() if line.strip()]
    found = [match[1] for line in lines if (match := _LINE.fullmatch(line)) and match[1]]
    alone = lines[0].strip() if len(lines) == 1 else ""
    said = found[-1] if found else alone if len(alone) <= _A_SENTENCE else ""
    return said if 0 < len(said) <= _LONGEST else None


def answers(posts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (answer, author) of the posts that hold one, by author."""
    return [(said, author) for author in sorted(posts) if (said := answer_in(posts[author]))]


def vote_in(
    post: str, voter: str, round_: int, options: tuple[Option, ...], kind: AnswerKind
) -> Ballot | None:
    """Return the ballot that a post is, its reasons verbatim; None where it holds no answer."""
    said = answer_in(post)
    key = canonical(said, kind) if said else ""
    fitting = [option for option in options if key and key in _keys(option, kind)]
    chosen = next((o for o in fitting if said in _words(o)), next(iter(fitting), None))
    if said is None or chosen is None:
        return None
    kept = [line for line in sanitize(post).strip().splitlines() if not _LINE.fullmatch(line)]
    reason = "\n".join(kept).strip()[:REASON_LIMIT].rstrip()
    own = said if said != chosen.text else ""
    return Ballot(voter, round_, chosen.id, reason=reason, answer=own)


def on_table(options: Iterable[Option], kind: AnswerKind) -> set[str]:
    """Return what the options say, and the drafts behind them, as `canonical` has it."""
    return {key for option in options for key in _keys(option, kind)}


def _words(option: Option) -> set[str]:
    return {option.text, *(draft.text for draft in option.drafts)}


def _keys(option: Option, kind: AnswerKind) -> set[str]:
    return {canonical(text, kind) for text in _words(option)}
