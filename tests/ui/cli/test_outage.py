"""What a person in the terminal is asked where a decision meets an outage, and the way back."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hub.domain.event import OutageMet
from hub.domain.ids import MessageId, ThreadId
from hub.serving.outages import Outage
from ui.cli.outage import question

MET = OutageMet(ThreadId("t"), MessageId("q"), ("critic",), "OpenAI is down.")


@pytest.mark.parametrize(
    ("typed", "wish"),
    [("w", Outage.WAIT), ("stop", Outage.STOP), ("g", Outage.GO_ON), ("", Outage.GO_ON), ("x", Outage.GO_ON)],
)  # fmt: skip
def test_what_is_typed_says_what_to_do_and_nonsense_goes_on(typed, wish):
    asked = []

    def read(text):
        asked.append(text)
        return typed

    session = SimpleNamespace(console=SimpleNamespace(read=read))

    assert question(session, MET) is wish
    assert asked[0].startswith("critic cannot be reached: OpenAI is down.\n[w]ait")
