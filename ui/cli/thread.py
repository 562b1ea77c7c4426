"""List, show, search and edit threads. An ID may be shortened; `last` is the newest thread."""

from __future__ import annotations

import argparse
from functools import partial

from hub.copies import copies_of
from hub.domain.agent import YOU
from hub.domain.text import one_line, title_of
from hub.domain.thread import Thread
from hub.errors import UsageError
from ui.attachments import read_text
from ui.cli.listing import SHORT, table
from ui.cli.parser import Args, Parser, add_json, count, subcommands
from ui.cli.reading import transcript_lines
from ui.cli.runner import Session, with_hub
from ui.format import date_time, money

NEW = "new"
"""Stands for a thread that is yet to be opened."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands of `thread`."""
    add = subcommands(parser, "commands")
    listing = add("list", "list threads, the newest message first", _run_list)
    listing.add_argument("--archived", action="store_true", help="the archived ones")
    add_json(listing)
    show = _with_id(add("show", "print a thread's transcript", _run_show))
    add_json(show)
    search = add("search", "find messages that contain all the words", _run_search)
    search.add_argument("text", metavar="TEXT")
    search.add_argument("--thread", metavar="ID", help="in this thread only")
    search.add_argument("--limit", type=count, default=50, metavar="N", help="at most (50)")
    add_json(search)
    _post_words(add("post", "record what somebody said; no agent is asked", _run_post))
    rename = _with_id(add("rename", "give a thread another title", _run_rename))
    rename.add_argument("title", metavar="TITLE")
    archive = _with_id(add("archive", "take a thread out of the list", _run_archive))
    archive.add_argument("--undo", action="store_true", help="put it back")
    redact = add("redact", "take a message's text out for good", _run_redact)
    redact.add_argument("message", metavar="MESSAGE", help="its id, as `show --json` prints it")
    redact.add_argument("--yes", action="store_true", help="do not ask")
    mark = add("mark", "say whether an answer was right; the router learns from it", _run_mark)
    mark.add_argument("message", metavar="MESSAGE", help="its id, as `show --json` prints it")
    mark.add_argument("verdict", choices=("right", "wrong"))
    delete = add("delete", "delete threads for good; their cost stays booked", _run_delete)
    which = delete.add_mutually_exclusive_group(required=True)
    which.add_argument("id", metavar="ID", nargs="?")
    which.add_argument(
        "--older-than", type=count, metavar="DAYS", help="those without a message in so many days"
    )
    delete.add_argument("--yes", action="store_true", help="do not ask")


def _post_words(post: Parser) -> None:
    post.add_argument("id", metavar="ID", help="the thread; `new` opens one")
    post.add_argument("text", metavar="TEXT", help="the message, or - to read stdin")
    post.add_argument("--author", metavar="NAME", default=YOU, help="who said it (you)")
    post.add_argument(
        "--to", metavar="NAME", action="append", default=[], help="to whom; may be repeated"
    )
    post.add_argument("--reply-to", metavar="MESSAGE", help="the id of the message it answers")
    post.add_argument("--title", metavar="TITLE", default="", help="of a new thread")
    add_json(post)


def _with_id(parser: Parser) -> Parser:
    parser.add_argument("id", metavar="ID")
    return parser


def _run_list(args: Args) -> int:
    return with_hub(partial(_list, args))


async def _list(args: Args, session: Session) -> int:
    found = await session.hub.threads(archived=args.archived)
    if args.json:
        from hub.exports.shapes import summary_json

        session.console.json([summary_json(summary) for summary in found])
        return 0
    rows = (
        (
            s.thread.id[:SHORT],
            date_time(s.updated_at),
            str(s.messages),
            money(None if s.unknown_cost_calls else s.cost),
            s.thread.title,
        )
        for s in found
    )
    table(session.console, ("ID", "UPDATED", "MESSAGES", "COST", "TITLE"), rows)
    return 0


def _run_show(args: Args) -> int:
    return with_hub(partial(_show, args))


async def _show(args: Args, session: Session) -> int:
    if args.json:
        session.console.out((await session.hub.export(args.id, "json")).rstrip("\n") + "\n")
    else:
        lines = transcript_lines(await session.hub.transcript(args.id))
        session.console.line("\n".join(lines))
    return 0


def _run_search(args: Args) -> int:
    return with_hub(partial(_search, args))


async def _search(args: Args, session: Session) -> int:
    found = await session.hub.search(args.text, ref=args.thread, limit=args.limit)
    if args.json:
        from hub.exports.shapes import message_json

        session.console.json([{"thread": m.thread_id, **message_json(m, None)} for m in found])
        return 0
    rows = ((m.thread_id[:SHORT], str(m.seq), m.author, m.body) for m in found)
    table(session.console, ("THREAD", "SEQ", "AUTHOR", "TEXT"), rows)
    return 0


def _run_post(args: Args) -> int:
    text = read_text(args.text, "message")

    if args.title and args.id != NEW:
        raise UsageError("--title names a new thread: `gitbridge thread rename` names this one.")

    async def work(session: Session) -> int:
        hub = session.hub
        ref = args.id
        if ref == NEW:
            ref = (await hub.create_thread(args.title or title_of(text))).id
        message = await hub.post(
            ref, text, author=args.author, to=tuple(args.to), reply_to=args.reply_to
        )
        if args.json:
            from hub.exports.shapes import message_json

            session.console.json({"thread": message.thread_id, **message_json(message, None)})
        else:
            session.console.line(message.id)
        return 0

    return with_hub(work)


def _run_rename(args: Args) -> int:
    async def work(session: Session) -> int:
        return _told(session, await session.hub.rename(args.id, args.title), "is the title now")

    return with_hub(work)


def _run_archive(args: Args) -> int:
    async def work(session: Session) -> int:
        if args.undo:
            return _told(session, await session.hub.restore(args.id), "is in the list again")
        return _told(session, await session.hub.archive(args.id), "is archived")

    return with_hub(work)


def _run_mark(args: Args) -> int:
    async def work(session: Session) -> int:
        message = await session.hub.mark(args.message, right=args.verdict == "right")
        session.console.note(f"{message.author}'s answer {message.seq} is marked {args.verdict}.")
        return 0

    return with_hub(work)


def _run_delete(args: Args) -> int:
    return with_hub(partial(_delete, args))


async def _delete(args: Args, session: Session) -> int:
    if args.older_than is not None:
        return await _delete_quiet(args, session)
    thread = await session.hub.thread(args.id)
    if not _confirmed(args, session, f"'{one_line(thread.title)}' with {thread.last_seq} messages"):
        return 0
    gone = await session.hub.delete(thread.id)
    for path in copies_of(session.settings, thread.id, thread.created_at):
        session.console.note(f"This file may still hold it: {path}")
    return _told(session, gone, "is deleted")


async def _delete_quiet(args: Args, session: Session) -> int:
    quiet = await session.hub.quiet_threads(args.older_than)
    for thread in quiet:
        _told(session, thread, f"has {thread.last_seq} messages")
    if _confirmed(args, session, f"{len(quiet)} threads, and backups as old,"):
        gone = await session.hub.expire(args.older_than)
        session.console.note(f"{len(gone)} threads are deleted; exports of them are not.")
    return 0


def _confirmed(args: Args, session: Session, what: str) -> bool:
    """Ask before something is deleted, unless told not to."""
    if args.yes:
        return True
    if not session.console.asks:
        raise UsageError("Nobody is there to ask: add --yes to delete for good.")
    if session.console.confirm(f"Delete {what} for good?"):
        return True
    session.console.note("Nothing was deleted.")
    return False


def _run_redact(args: Args) -> int:
    return with_hub(partial(_redact, args))


async def _redact(args: Args, session: Session) -> int:
    console, message = session.console, await session.hub.message(args.message)
    if not args.yes:
        if not console.asks:
            raise UsageError("Nobody is there to ask: add --yes to take the text out for good.")
        shown = f"{message.author}: {one_line(message.body, 60)}"
        if not console.confirm(f"Take this text out of everything for good? {shown}"):
            console.note("Nothing was changed.")
            return 0
    done = await session.hub.redact(message.id)
    console.note(f"The text of message {message.seq} is gone from journal, index and logs.")
    if done.repeated_in:
        others = ", ".join(map(str, done.repeated_in))
        console.note(f"Other messages of the thread repeat it: {others}.")
    if done.providers:
        console.note(f"These providers have it: {', '.join(done.providers)}.")
    for path in copies_of(session.settings, message.thread_id, message.created_at):
        console.note(f"This file may hold it: {path}")
    console.note("Exports and backups that you wrote to other folders are not known here.")
    return 0


def _told(session: Session, thread: Thread, what: str) -> int:
    session.console.note(f"{thread.id[:SHORT]} '{one_line(thread.title)}' {what}.")
    return 0
