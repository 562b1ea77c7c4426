"""`config.toml` as text: where a value stands, what is wrong with it, how a key gets in."""

from __future__ import annotations

import copy
import importlib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from pydantic import SecretStr, ValidationError

from hub.errors import ConfigError
from hub.settings import UNSAFE, ConfigFile

Where = tuple[str, ...]
"""A dotted name, in parts."""
_MOST_BYTES = 1_000_000
_MOST_SHOWN = 200
"""Characters of a name from the file that a message repeats."""
_TEMPLATE = """\
# GitBridge settings. Remove the # before a line to set it; the environment wins over this file.

[router]
# strategy = "adaptive"      # or cost_optimized, performance_optimized, availability_optimized,
#                            # hybrid, round_robin
# weights = { cost = 0.4, performance = 0.3, availability = 0.3 }

[budget]
# question = 0.50            # US dollars; written here it refuses, the default only warns
# month = 50
# time_zone = "Europe/Berlin"

# [providers.openai]         # openai and grok are known; their keys are found in OPENAI_API_KEY
# key = "..."                # and GROK_API_KEY too; keep this file to yourself (mode 0600)
# models = ["gpt-4o", "gpt-4o-mini"]

# [providers.ollama]         # any server that speaks OpenAI's protocol
# kind = "compatible"
# base_url = "http://localhost:11434/v1"
# models = ["qwen3:8b"]

# [agents.skeptic]           # agents written here replace the three that come with GitBridge
# role = "Finds what breaks"
# instructions = "Name the weakest assumption first. Be brief."
# deployments = ["grok", "openai/gpt-4o"]
# temperature = 0.4
# hedge = true               # a late first token: ask the next best too, if at most half as dear

# [ui]
# theme = "light"            # dark, light, colour-blind, ansi-dark, ansi-light
# notifications = true       # a beep and a note when something needs you elsewhere
# keys = { search = "ctrl+f,f7", "message.copy" = "y" }   # F1 has the names

# [prices."qwen3:8b"]        # US dollars per million tokens
# input = 0
# output = 0
"""


def default_config_text() -> str:
    """Return a file in which every setting is explained and none is set."""
    return _TEMPLATE


class ConfigText:
    """The file as read, with what environment and command line put over it."""

    def __init__(self, path: Path, text: str, data: dict[str, Any]) -> None:
        self.path, self.text, self.data = path, text, data
        self.origins: dict[Where, str] = {}

    @classmethod
    def read(cls, path: Path) -> ConfigText:
        """Read the file; one that is not there is empty.

        Raises:
            ConfigError: Not readable, not TOML, or a file with a key that others can read.
        """
        try:
            text = _text_of(path) if path.exists() else ""
            source = cls.parsed(path, text)
            shared = os.name == "posix" and bool(text) and bool(path.stat().st_mode & 0o077)
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
        if shared and _holds_key(source.data):
            raise ConfigError(f"{path} holds a key and others can read it; run: chmod 600 '{path}'")
        return source

    @classmethod
    def parsed(cls, path: Path, text: str) -> ConfigText:
        """Parse a text that is, or would be, the file's.

        Raises:
            ConfigError: It is not TOML.
        """
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path} is not valid TOML: {error}.") from None
        except (ValueError, RecursionError):
            raise ConfigError(f"{path} holds a number or a nesting that is too large.") from None
        source = cls(path, text, data)
        source._rename_xai()
        return source

    def _rename_xai(self) -> None:
        providers = self.data.get("providers")
        if isinstance(providers, dict) and "xai" in providers:
            if "grok" in providers:
                self.fail(("providers", "xai"), "xai is another name of grok; keep one of the two")
            providers["grok"] = providers.pop("xai")

    def with_values(self, table: Where, values: Mapping[str, Value]) -> ConfigText:
        """Return the file as it should be with these values in a table."""
        data = copy.deepcopy(self.data)
        inner: Any = data
        for name in table:
            inner = inner.setdefault(name, {}) if isinstance(inner, dict) else None
        if not isinstance(inner, dict):
            self.fail(table, "this should be a table")
        inner.update(values)
        return ConfigText(self.path, self.text, data)

    def put(self, where: Where, value: str, origin: str) -> None:
        """Set one value over what the file says, and remember who said so."""
        table: Any = self.data
        for name in where[:-1]:
            table = table.setdefault(name, {}) if isinstance(table, dict) else None
        if isinstance(table, dict):
            table[where[-1]] = value
            self.origins[where] = origin
            if where[-1] == "base_url":
                table.pop("allow_http", None)  # said of the file's address, not of this one

    def validated(self) -> ConfigFile:
        """Check every value.

        Raises:
            ConfigError: With the place and the reason of the first that is wrong.
        """
        try:
            return ConfigFile.model_validate(self.data, context={"dollars": True})
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            reason = first["msg"].removeprefix("Value error, ")
            if first["type"] == "extra_forbidden":
                reason = "there is no such setting; check its spelling"
            self.fail(tuple(str(part) for part in first["loc"]), reason)

    def fail(self, where: Where, reason: str) -> NoReturn:
        """Raise with the place: environment, command line, or file and line."""
        if origin := self.origins.get(where):
            raise ConfigError(f"{origin}: {reason}.")
        line = _line_of(self.text, where)
        at = f"{self.path}, line {line}" if line else f"{self.path}"
        name = " ".join(UNSAFE.sub("", ".".join(where))[:_MOST_SHOWN].split())
        raise ConfigError(f"{at}: {name}: {reason}.")


def _text_of(path: Path) -> str:
    with path.open("rb") as stream:
        data = stream.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ConfigError(f"{path} is larger than 1 MB; it cannot be a settings file.")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text; save it as such.") from None


def _holds_key(data: dict[str, Any]) -> bool:
    tables = data.get("providers")
    found = tables.values() if isinstance(tables, dict) else ()
    return any(isinstance(table, dict) and bool(table.get("key")) for table in found)


def _line_of(text: str, where: Where) -> int | None:
    """Return the line, from 1, that sets the longest known part of a dotted name."""
    table: Where = ()
    best, found = 0, None
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[{1,2}([^\]]+)\]", line)
        key = re.match(r"\s*([\w.\"':/-]+)\s*=", line)
        if header:
            path = table = _dotted(header[1])
        elif key:
            path = table + _dotted(key[1])
        else:
            continue
        if len(path) > best and _as_grok(path) == _as_grok(where)[: len(path)]:
            best, found = len(path), number
    return found


def _as_grok(path: Where) -> Where:
    """Return the path as it is once `xai` has its other name."""
    return ("providers", "grok", *path[2:]) if path[:2] == ("providers", "xai") else path


def _dotted(name: str) -> Where:
    parts = re.findall(r"\"([^\"]*)\"|'([^']*)'|([\w:/-]+)", name)
    first, *rest = ("".join(part) for part in parts) if parts else ("",)
    return (first, *rest)


def check_key(key: str, where: str) -> None:
    """Refuse what cannot be a key before a header breaks on it; the key itself is not repeated.

    Raises:
        ConfigError: Naming where it was found.
    """
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigError(f"The key of {where} holds characters that no key has; copy it again.")


def write_key(path: Path, provider: str, value: SecretStr) -> Path:
    """Set `key` in `[providers.NAME]`, keeping every other line; the file is then 0600."""
    key = value.get_secret_value().strip()
    check_key(key, "this input")
    if not key:
        raise ConfigError("The key is empty; nothing was stored.")
    return write_values(path, ("providers", provider), {"key": key})


def keep_in_keyring(path: Path, provider: str, value: SecretStr) -> Path:
    """Hand a key to the desktop's keyring, and note in the file that it is there.

    Raises:
        ConfigError: There is no keyring, or it does not take the key.
    """
    key = value.get_secret_value().strip()
    check_key(key, "this input")
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise ConfigError("There is no keyring here; run: pip install keyring") from None
    try:
        keyring.set_password("gitbridge", provider, key)
    except keyring.errors.KeyringError as error:
        raise ConfigError(f"The keyring did not take it: {type(error).__name__}.") from None
    return write_values(path, ("providers", provider), {"key_store": "keyring"})


Value = str | float | bool | list[str]
"""What a line of the file may be set to."""


def write_values(path: Path, table: Where, values: Mapping[str, Value]) -> Path:
    """Set values in a table, keeping every other line and comment; the file is then 0600.

    Raises:
        ConfigError: A value is refused, or the file is written in a way that this cannot change.
    """
    before = ConfigText.read(path)
    wanted = before.with_values(table, values)
    wanted.validated()
    text = _with_values(before.text, table, values)
    try:
        done = ConfigText.parsed(path, text).data == wanted.data
    except ConfigError:
        done = False
    if not done:
        what = "a key" if "key" in values else ".".join(table)
        raise ConfigError(f"{path} is written in a way that {what} cannot be added to; edit it.")
    try:
        write_whole(path, text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
    return path


def _with_values(text: str, table: Where, values: Mapping[str, Value]) -> str:
    """Return the text with the values' lines replaced, added to their table, or in a new table."""
    new = [f"{name} = {_literal(value)}" for name, value in values.items()]
    lines = text.splitlines()
    if (body := _body(lines, table)) is not None:
        for line in new:
            name = line.partition(" ")[0]
            old = [i for i in body if re.match(rf"\s*{name}\s*=", lines[i])]
            if old:
                lines[old[0]] = line + _comment(lines[old[0]])
            else:
                lines.insert(body.start, line)
                body = range(body.start, body.stop + 1)
    elif (inline := _inline(lines, table)) is not None:
        whole = f"{_quoted(table[-1])} = {{ {', '.join(new)} }}"
        lines[inline] = whole + _comment(lines[inline])
    else:
        header = ".".join((*table[:-1], _quoted(table[-1])))
        lines += [*([""] if lines else []), f"[{header}]", *new]
    return "\n".join([*lines, ""])


def _body(lines: list[str], table: Where) -> range | None:
    """Return the lines below a table's header, up to the next one; None: it has no header."""
    headers = [i for i, line in enumerate(lines) if line.lstrip().startswith("[")]
    for at, end in pairwise((*headers, len(lines))):
        header = re.match(r"\s*\[([^\[\]]+)\]", lines[at])
        if header and _as_grok(_dotted(header[1])) == table:
            return range(at + 1, end)
    return None


def _inline(lines: list[str], table: Where) -> int | None:
    """Return the line that holds a whole table, as in `"gpt-4o" = { input = 2.5 }`."""
    for i in _body(lines, table[:-1]) or ():
        line = re.match(r"\s*([\w.\"':/-]+)\s*=\s*\{", lines[i])
        if line and _dotted(line[1]) == table[-1:]:
            return i
    return None


def _comment(line: str) -> str:
    """Return the comment at the end of a line; one inside a string is none."""
    found = re.fullmatch(r"""(?:[^#"']|"(?:\\.|[^"\\])*"|'[^']*')*(#.*)?""", line)
    return f"  {found[1]}" if found and found[1] else ""


def _literal(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else json.dumps(value, ensure_ascii=False)


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name, re.ASCII) else _literal(name)


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner alone; its folder is made.

    Raises:
        OSError: It cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)
