"""Marked decisions for tests, in few words."""

from __future__ import annotations

from random import Random

from hub.consensus.learning.calibration import Calibration, Recorded, Voted
from hub.domain.decision import Option
from tests.fakes.votes import FAMILIES


def choice_id(letter):
    """Return the option's id; `-` abstains."""
    return None if letter == "-" else Option(letter).id


def row(number, choices, right="a", *, k=4, category="", confidence=None, **more):
    """Return a marked decision by v0, v1, ..., one letter each; a space took no part."""
    votes = tuple(
        Voted(f"v{n}", "", FAMILIES[n % len(FAMILIES)], choice_id(letter), confidence)
        for n, letter in enumerate(choices)
        if letter != " "
    )
    known = None if right is None else Option(right).id
    return Recorded(f"d{number}", category, k, votes, known, **more)


def calibration(*choices, fading=1.0, **more):
    """Return a calibration of decisions whose right answer is `a`."""
    rows = tuple(row(number, letters, **more) for number, letters in enumerate(choices))
    return Calibration(rows, fading)


def skilled(skills, marks, seed=0, *, options="abcd", **more):
    """Return a calibration of voters who are right that often, and err at random."""
    draw = Random(seed)  # noqa: S311  a draw to repeat, not a secret
    words = [
        "".join("a" if draw.random() < skill else draw.choice(options[1:]) for skill in skills)
        for _ in range(marks)
    ]
    return calibration(*words, k=len(options), **more)
