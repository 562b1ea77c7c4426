from __future__ import annotations

import pytest
from hypothesis import given

from hub.errors import UsageError
from hub.exports.json_transcript import to_json
from hub.imports.read import read_transcripts
from hub.imports.rewriting import agents_in, renamed, rewritten, with_new_ids
from tests.fakes.transcripts import deliberation
from tests.hub.imports.threads import transcripts

AGENTS = ("ann", "ben")


def test_everybody_who_speaks_or_votes_is_an_agent_but_the_person_and_the_hub():
    assert agents_in(deliberation()) == ("proposer", "critic", "synthesist")


def test_a_renamed_agent_is_named_so_wherever_it_is_referred_to():
    text = to_json(renamed(deliberation(), {"critic": "ann"}))

    said = text.replace("@critic", "@somebody")
    assert '"critic"' not in said
    assert text.count('"ann"') == to_json(deliberation()).count('"critic"')
    assert text.count("@critic") == to_json(deliberation()).count("@critic")


@given(transcripts())
def test_a_copy_differs_in_its_ids_alone(thread):
    (read,) = read_transcripts(to_json(thread).encode(), 7)
    copy = with_new_ids(read)

    ours = {read.thread.id, *(m.id for m in read.messages), *(d.id for d in read.decisions)}
    theirs = {copy.thread.id, *(m.id for m in copy.messages), *(d.id for d in copy.decisions)}
    assert ours.isdisjoint(theirs)
    assert [m.body for m in copy.messages] == [m.body for m in read.messages]
    answered = {m.id: m.seq for m in read.messages}, {m.id: m.seq for m in copy.messages}
    assert [answered[0].get(m.reply_to) for m in read.messages] == [
        answered[1].get(m.reply_to) for m in copy.messages
    ]
    (again,) = read_transcripts(to_json(copy).encode(), 7)
    assert to_json(again) == to_json(copy)


def test_new_names_are_those_of_agents_and_old_ones_stand_in_the_file():
    found = (deliberation(),)

    with pytest.raises(UsageError, match="Nobody in the file is named 'zoe': critic, proposer"):
        rewritten(found, {"zoe": "ann"}, AGENTS, as_new=False)
    with pytest.raises(UsageError, match="no agent named 'zoe': ann, ben"):
        rewritten(found, {"critic": "zoe"}, AGENTS, as_new=False)


def test_two_voters_cannot_become_one():
    with pytest.raises(UsageError, match="cannot become one agent"):
        rewritten((deliberation(),), {"critic": "ann", "proposer": "ann"}, AGENTS, as_new=False)
