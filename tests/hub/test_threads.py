import pytest

from hub.domain.agent import Persona
from hub.domain.ids import MessageId, ThreadId, TurnId
from hub.domain.thread import MessageKind
from hub.domain.turn import FinishReason, Purpose, Reply, Turn, TurnOrder, TurnState
from hub.domain.usage import Usage
from hub.errors import UsageError
from hub.threads import LONGEST, addressee, clean_post, mentions, message_from, post

NAMES = ("proposer", "critic")


def _post(body: str, **more):
    return post(
        ThreadId("t"), body, author="you", kind=MessageKind.QUESTION, at=1, names=NAMES, **more
    )


@pytest.mark.parametrize("text", ["", "  \n", "\x00\x1b"])
def test_an_empty_post_is_refused(text):
    with pytest.raises(UsageError, match="empty"):
        clean_post(text)


def test_a_post_that_is_too_long_is_refused_with_what_to_do():
    with pytest.raises(UsageError, match="attach it as a file"):
        clean_post("x" * (LONGEST + 1))


def test_mentions_are_known_names_each_once_in_order():
    assert (
        mentions("@critic and @Proposer, @critic, @nobody, mail@critic.org", NAMES) == NAMES[::-1]
    )


def test_what_a_person_writes_is_cleaned_before_it_is_kept():
    assert _post("hi \x1b[31m@critic\u202e").body == "hi [31m@critic"


def test_a_plain_message_goes_to_whom_it_mentions_else_to_the_first_agent():
    personas = tuple(Persona(name, "role", "") for name in NAMES)

    assert addressee(_post("hello"), personas) == "proposer"
    assert addressee(_post("hello @critic"), personas) == "critic"
    assert addressee(_post("hello @critic", to=("proposer",)), personas) == "proposer"


def test_a_turns_post_answers_what_it_was_prompted_by_and_never_mentions_itself():
    order = TurnOrder(Purpose.CRITIQUE, "critic", prompt_to=MessageId("m1"))
    turn = Turn(TurnId("u"), ThreadId("t"), order, "t", TurnState.RUNNING, 0)
    reply = Reply("@critic @proposer no", "m", Usage(1, 1), FinishReason.STOP, 0.1)

    message = message_from(turn, reply, NAMES, 7)

    assert (message.kind, message.reply_to, message.mentions, message.turn_id) == (
        MessageKind.CRITIQUE,
        "m1",
        ("proposer",),
        "u",
    )
