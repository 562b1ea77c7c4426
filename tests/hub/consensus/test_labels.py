from __future__ import annotations

import pytest

from hub.consensus.labels import ballot_schema, form_of, labels_for
from hub.domain.decision import Option, Rule
from tests.fakes.votes import proposal


def test_every_option_gets_one_label():
    of = proposal(options="abcd")

    labels = labels_for(of, "v0")

    assert list(labels) == ["A", "B", "C", "D"]
    assert set(labels.values()) == set(of.options)


def test_a_repeated_turn_sees_the_same_labels():
    of = proposal(options="abcdef")

    assert labels_for(of, "v1") == labels_for(of, "v1")


def test_voters_see_the_options_in_different_orders():
    of = proposal(options="abcdef")

    orders = {tuple(o.text for o in labels_for(of, f"v{n}").values()) for n in range(6)}

    assert len(orders) > 3


def test_the_order_of_the_list_does_not_matter():
    assert labels_for(proposal(options="abcd"), "v0") == labels_for(proposal(options="dbca"), "v0")


def test_a_twenty_seventh_option_has_a_label_too():
    of = proposal(options="".join(chr(0x3B1 + n) for n in range(5)))
    many = type(of)(
        question="?", options=tuple(Option(f"o{n}") for n in range(28)), eligible=("v0",)
    )

    assert list(labels_for(many, "v0"))[24:] == ["Y", "Z", "AA", "AB"]


@pytest.mark.parametrize(
    ("rule", "others"), [(Rule.MAJORITY, ["abstain"]), (Rule.CONSENT, ["abstain", "block"])]
)
def test_the_schema_offers_the_labels_and_nothing_else(rule, others):
    of = proposal(options="ab", rule=rule)

    schema = ballot_schema(of, labels_for(of, "v0"))

    assert schema["properties"]["choice"]["enum"] == ["A", "B", *others]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("rule", "field"),
    [(Rule.SCHULZE, "ranking"), (Rule.APPROVAL, "approvals"), (Rule.STACKED, "choice")],
)
def test_the_schema_asks_for_what_the_rule_counts(rule, field):
    of = proposal(options="abc", rule=rule)

    schema = ballot_schema(of, labels_for(of, "v0"))

    said = schema["properties"][field]
    assert schema["required"][0] == field == form_of(rule)
    assert said.get("items", said)["enum"] == ["A", "B", "C", "abstain"]
    assert said.get("maxItems", 3) == 3
