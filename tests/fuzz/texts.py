"""The parsers of what models and people write: ballots, settings, text and markup."""

from __future__ import annotations

import atexit
import os
import tempfile
from functools import cache
from pathlib import Path

from rich.cells import cell_len
from textual.content import Content

from agents.redaction import redact
from hub.config import load
from hub.consensus.ballot import parse_ballot
from hub.consensus.canonical import canonical, options_of
from hub.domain.decision import Option, Rule
from hub.domain.text import one_line, sanitize, title_of
from hub.errors import ConfigError
from tests.agents.calls import KEY
from tests.fuzz.corpus import seeds
from tests.fuzz.mutation import Mutator
from tests.fuzz.targets import Target, law
from ui.plain import INDENT, indented
from ui.widgets.cell_text import fit, flat, pad
from ui.widgets.transcript_growing import Growing
from ui.widgets.transcript_markdown import render
from ui.widgets.transcript_text import clean

LABELS = {"A": Option("sqlite"), "B": Option("files")}
TABLES = {
    "router": ("strategy", "weights", "explore", "health_interval_s", "metrics_window"),
    "router.weights": ("cost", "performance", "availability"),
    "budget": ("question", "thread", "day", "month", "time_zone", "agents", "providers", "tags"),
    "consensus": ("rule", "quorum", "threshold"),
    "network": ("proxy", "ca_bundle"),
    "agents.skeptic": ("role", "instructions", "deployments", "temperature"),
    "agents.YOU": ("role",),
    'prices."qwen3:8b"': ("input", "output", "cached"),
    "nonsense": ("x",),
    **dict.fromkeys(
        (
            "providers.openai",
            "providers.grok",
            "providers.xai",
            "providers.mine",
            'providers."a b"',
        ),
        (
            "kind",
            "base_url",
            "key",
            "key_env",
            "key_store",
            "models",
            "window",
            "allow_http",
            "api",
        ),
    ),
}
"""Tables of the file and what may be set in each."""
GOOD = {
    "strategy": b'"hybrid"\n', "explore": b"true\n", "health_interval_s": b"5\n", "cost": b"0.5\n",
    "question": b"0.25\n", "month": b"50\n", "time_zone": b'"Europe/Berlin"\n', "rule": b'"consent"\n',
    "quorum": b"2\n", "threshold": b"0.5\n", "role": b'"x"\n', "deployments": b'["grok", "mine/a"]\n',
    "temperature": b"0.4\n", "input": b"1\n", "output": b"0\n", "kind": b'"compatible"\n',
    "base_url": b'"http://localhost:11434/v1"\n', "key": b'"sk-1"\n', "models": b'["a", "b"]\n',
    "allow_http": b"true\n", "api": b'"chat"\n',
}  # fmt: skip
TOML_VALUES = (
    b'"hybrid"\n', b'"consent"\n', b'"Europe/Berlin"\n', b'"compatible"\n', b'["a", "grok/b"]\n',
    b'"http://localhost:11434/v1"\n', b'"OPENAI"\n', b'"https://h/v1?key=1"\n', b"1\n", b"0\n", b"-1\n", b"0.5\n", b"1e400\n", b"inf\n", b"nan\n", b"true\n", b'""\n', b'"x"\n', b"[]\n",
    b"{}\n", b"[1, [2]]\n", b'{ a = "b" }\n', b"1979-05-27T07:32:00Z\n", b"07:32:00\n", b"1979-05-27\n",
    b"0xffffffffffffffffffff\n", b"0x" + b"f" * 5_000 + b"\n", b"9" * 30 + b"\n", b"9" * 4_400 + b"\n",
    b'"' + b"a" * 300 + b'"\n', b'"' + b"a/" * 3_000 + b'"\n', b'"Europe"\n', b'"~"\n',
    b'"~nobody-at-all/x"\n', b'"/etc"\n', b'"../../etc/passwd"\n', b'"\\u0000"\n',
    b'"http://[::1]/v1"\n', b'"http://[/v1"\n', b'"https://h:99999/v1"\n', b'"https://\xc3\xa9"\n',
    b'"https://169.254.169.254"\n', b"'''\n[[[[\n'''\n", b'"\xff"\n', b"\n", b"[" * 500 + b"\n",
)  # fmt: skip
DOTENV = (
    b"OPENAI_API_KEY=", b"GROK_API_KEY=", b"OPENAI_MODEL=", b"export ", b"OPENAI_BASE_URL=", b"sk-abc",
    b"'", b'"', b"\n", b"#", b"=", b"\\n", b"\\", b"${A}", b"\x00", b"\xff", b" ", b"\r", b"\xe2\x80\xae",
)  # fmt: skip
MARKUP = (
    b"[/]", b"[/b]", b"[b]", b"[", b"]", b"[@click=app.evil('x')]", b"press", b"[link=https://x]", b"[$text]",
    b"[not a tag", b"\\[", b"\\", b"[red on blue]", b"[/@click]", b"[[", b"$x {y} %s", b"`", b"```\n", b"~~~\n",
    b"**", b"*", b"_", b"~~", b"# ", b"\n", b"\n\n", b"> ", b"- ", b"1. ", b"999999999. ", b"    ", b"\t",
    b"| a | b |\n", b"|---|:-:|\n", b"|", b"---\n", b"===\n", b"<b>", b"<!--", b"&lt;", b"&#27;", b"&#x9b;",
    b"![x](y)", b"](", b"[a]: b\n", b"<https://x>", b"[a](javascript:x)", b"\x1b]0;t\x07", b"\x1b[2J",
    "\u202e\u2066".encode(), "\u009b".encode(), b"\x00", "e\u0301".encode() * 9, "👩‍👩‍👧".encode(),
    "漢字".encode(), "\u200b\u200d\ufe0f".encode(), "\u2028".encode(), b"word " * 9, b"w" * 90,
)  # fmt: skip
TEXT = (
    *MARKUP,
    b"Bearer abc",
    b" " + KEY.encode() + b" ",
    b"\xed\xa0\x80",
    b"\xff",
    b". ",
    b"? ",
    b"\r\n",
    b"a" * 130,
)


def _ballot_input(mutator: Mutator) -> bytes:
    some = seeds("ballot")
    return mutator.mutate(mutator.draw.choice(some), mutator.draw.choice(some))


def run_ballot(data: bytes, mutator: Mutator) -> None:
    """A ballot is for an option on the table, abstains or blocks; its words are clean."""
    rule = mutator.draw.choice((Rule.CONSENT, Rule.MAJORITY))
    ballot = parse_ballot(data.decode("utf-8", "replace"), LABELS, voter="ann", round=1, rule=rule)
    options = {option.id for option in LABELS.values()}
    law((ballot.choice in options) + ballot.abstain + ballot.block == 1, "not one choice")
    law(ballot.confidence is None or 0 <= ballot.confidence <= 1, "an absurd confidence")
    words = (ballot.reason, ballot.would_change_my_mind)
    law(all(text == sanitize(text) for text in words), "uncleaned words")


@cache
def _home() -> Path:
    """A state folder of its own for each process; the environment names it from here on."""
    folder = tempfile.TemporaryDirectory(prefix="gitbridge-fuzz-")
    atexit.register(folder.cleanup)
    home = Path(folder.name)
    for name in (".env", "config.toml"):
        (home / name).touch(mode=0o600)
    return home


def configured(text: bytes, dotenv: bytes = b"") -> None:
    """Load settings from such files; an error is one clean sentence."""
    home = _home()
    os.environ["GITBRIDGE_HOME"] = str(home)
    (home / "config.toml").write_bytes(text)
    (home / ".env").write_bytes(dotenv)
    try:
        settings = load(folder=home)
    except ConfigError as error:
        law(_is_drawable(str(error)), "an error of more than one clean line")
        raise
    law(all(text == sanitize(text) for text in settings.warnings), "an uncleaned warning")


def _config_input(mutator: Mutator) -> bytes:
    draw = mutator.draw
    text = b""
    for table in draw.sample(list(TABLES), draw.randrange(1, 4)):
        text += b"[" + table.encode() + b"]\n"
        for name in draw.sample(TABLES[table], draw.randrange(min(3, len(TABLES[table])) + 1)):
            value = GOOD.get(name) if draw.random() < 0.6 else None
            text += name.encode() + b" = " + (value or draw.choice(TOML_VALUES))
    return mutator.changed(text, text) if draw.random() < 0.3 else text


def run_dotenv(data: bytes, mutator: Mutator) -> None:
    """Any `.env` is read, or passed over."""
    del mutator
    configured(b"", data)


def _text_input(mutator: Mutator) -> bytes:
    return mutator.put_together(TEXT, 16)


def run_text(data: bytes, mutator: Mutator) -> None:
    """Cleaning twice changes nothing, cleaning pieces equals cleaning the whole."""
    text = data.decode("utf-8", "surrogatepass" if data.count(b"\xff") == 0 else "replace")
    text_laws(text, mutator.draw.randrange(len(text) + 1))


def text_laws(text: str, cut: int) -> None:
    """Check every way in which outside text is cleaned."""
    safe = sanitize(text)
    law(sanitize(safe) == safe, "cleaning twice changes something")
    law(sanitize(text[:cut]) + sanitize(text[cut:]) == safe, "a cut changes what is cleaned")
    law(safe.encode("utf-8").decode() == safe, "what is cleaned is no text")
    for line in (one_line(text, 50), title_of(text), redact(text)):
        law("\n" not in line and sanitize(line) == line, "a line is not one clean line")
    law(len(one_line(text, 50)) <= 50, "a line that is too long")
    law(KEY not in redact(text), "a key in a redacted line")
    law(canonical(canonical(text)) == canonical(text), "levelled text changes when levelled again")
    law(all(option.text.strip() for option in options_of([(text, "ann")])), "an empty option")


def _markup_input(mutator: Mutator) -> bytes:
    return mutator.put_together(MARKUP, 24)


def run_markup(data: bytes, mutator: Mutator) -> None:
    """Whatever is written, what is drawn is clean text in its place."""
    width = mutator.draw.choice((1, 8, 20, 80))
    markup_laws(data.decode("utf-8", "replace"), width, [mutator.cut(data)])


def markup_laws(text: str, width: int, cuts: list[list[bytes]] = ()) -> None:
    """Check every way in which a message becomes lines on a screen."""
    lines = render(text, width)
    law(all(_is_drawable(line.text) for line in lines), "uncleaned text is drawn")
    for cut in cuts:
        growing, so_far, grown = Growing(width), "", lines
        for piece in cut:
            so_far += piece.decode("utf-8", "replace")
            grown = growing.lines(so_far)
        law(all(_is_drawable(line.text) for line in grown), "uncleaned text is drawn")
    law(cell_len(fit(text, width)) <= width, "fitted text does not fit")
    law(cell_len(pad(text, width)) == width, "padded text is not padded")
    law(all(line.startswith(INDENT) for line in indented(text).split("\n")), "a line of our own")
    styled = Content.styled(flat(text), "bold")
    law(styled.plain == flat(text), "markup is read")
    law("\n".join(line.plain for line in styled.wrap(max(8, width))) or not styled.plain, "nothing")
    law(clean(clean(text)) == clean(text), "cleaning twice changes something")


def _is_drawable(text: str) -> bool:
    return "\n" not in text and sanitize(text) == text


TEXTS = (
    Target("ballot", 70, _ballot_input, run_ballot),
    Target("config", 20, _config_input, lambda data, _: configured(data)),
    Target("dotenv", 10, lambda m: m.put_together(DOTENV), run_dotenv),
    Target("text", 50, _text_input, run_text),
    Target("markup", 20, _markup_input, run_markup),
)
