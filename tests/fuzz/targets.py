"""What is fuzzed: a parser, how input for it is made, and the laws its results keep.

One more parser is one more `Target` in `texts.py`, or in a module of its own that `campaign.TARGETS`
names; what its inputs begin from stands in `corpus.OURS`. The campaign, its figures, the replay and the
short run in `make test` take it from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from agents.decode import BodyError
from agents.failure import FailedCallError
from agents.sse import OversizedEventError
from hub.errors import GitBridgeError
from tests.fuzz.mutation import Mutator

IN_TREE = (GitBridgeError, FailedCallError, OversizedEventError, BodyError)
"""What a parser may raise: the error tree, and what `agents` turn into it."""


class BrokenLawError(AssertionError):
    """A parser's result is not what it promises."""


@dataclass(frozen=True, slots=True)
class Target:
    """One parser under test."""

    name: str
    share: int
    """Inputs out of the sum of all shares."""
    make: Callable[[Mutator], bytes]
    run: Callable[[bytes, Mutator], None]
    """Hands input to the parser; raises what it raises, or `BrokenLawError`."""


def law(held: object, said: str) -> None:
    """Fail unless a law held."""
    if not held:
        raise BrokenLawError(said)


def input_of(target: Target, seed: int, number: int) -> tuple[bytes, Mutator]:
    """Return the input of that number, the same for the same seed, and what cuts it."""
    mutator = Mutator(Random(f"{seed} {target.name} {number}"))  # noqa: S311  a replay
    return target.make(mutator), mutator
