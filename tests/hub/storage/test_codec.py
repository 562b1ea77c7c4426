from __future__ import annotations

import json
import math
from dataclasses import replace
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.agent import Persona
from hub.domain.decision import Ballot, BallotKind, Tally
from hub.domain.route import Route
from hub.domain.turn import SentRecord, TurnOrder
from hub.domain.usage import Price, Usage
from hub.storage.codec import decode, decode_all, encode

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    st.sampled_from([TurnOrder, SentRecord, Route, Price, Ballot, Usage, Tally]).flatmap(
        lambda cls: st.tuples(st.just(cls), st.builds(cls))
    )
)
def test_what_is_encoded_comes_back_equal(pair) -> None:
    cls, value = pair
    text = encode(value)

    assert encode(decode(cls, text)) == text
    if "NaN" not in text:  # which equals nothing
        assert decode(cls, text) == value


@given(st.lists(st.builds(Ballot, voter=TEXT, round=st.integers(0, 9), choice=st.none() | TEXT)))
def test_a_tuple_of_values_comes_back_equal(ballots: list[Ballot]) -> None:
    assert decode_all(Ballot, encode(tuple(ballots))) == tuple(ballots)


def test_fields_that_old_text_lacks_take_their_default() -> None:
    ballot = decode(Ballot, '{"voter":"critic","round":1,"choice":null,"kind":"human"}')

    assert ballot == Ballot("critic", 1, None, kind=BallotKind.HUMAN)


def test_a_persona_from_before_hedging_is_the_same_text_without_it() -> None:
    old = '{"name":"ada","role":"r","instructions":"i","deployments":["grok"],"temperature":null}'

    persona = decode(Persona, old)

    assert persona == Persona("ada", "r", "i", ("grok",))
    assert not persona.hedge
    assert replace(persona, hedge=True).version == persona.version


def test_what_json_does_not_know_is_kept() -> None:
    usage = Usage(1, 2, billed=None)
    order = TurnOrder("reply", "a", schema=MappingProxyType({"max": math.inf}), timeout_s=math.inf)

    assert json.loads(encode(usage))["billed"] is None
    assert decode(TurnOrder, encode(order)) == order
