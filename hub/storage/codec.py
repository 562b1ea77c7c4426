"""Frozen dataclasses as JSON text and back, exactly.

Only the shapes that the domain uses are known: scalars, string enums, optional values, tuples of
one kind, mappings of JSON values, and dataclasses of these. A decoder is built once per class; a
field that is missing in old text takes its default, so that values may grow.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Decoder = Callable[[Any], Any]

_DECODERS: dict[type[Any], Decoder] = {}
_NAMES: dict[type[Any], tuple[str, ...]] = {}


def encode(value: object) -> str:
    """Return a dataclass, or a tuple of them, as compact JSON text."""
    return "[]" if value == () else _ENCODER.encode(value)


def decode(cls: type[T], text: str) -> T:
    """Return the value of class `cls` that `encode` wrote."""
    value: T = _decoder(cls)(json.loads(text))
    return value


def decode_all(cls: type[T], text: str) -> tuple[T, ...]:
    """Return the tuple of values of class `cls` that `encode` wrote."""
    one = _decoder(cls)
    return tuple(one(item) for item in json.loads(text))


def strings(text: str) -> tuple[str, ...]:
    """Return a tuple of strings; most are empty, which costs nothing."""
    return () if text == "[]" else tuple(json.loads(text))


def _plain(value: Any) -> object:
    """Tell `json` what it does not know: dataclasses and mappings that are no dict."""
    if isinstance(value, Mapping):
        return dict(value)
    return {name: getattr(value, name) for name in _names(type(value))}


def _names(cls: type[Any]) -> tuple[str, ...]:
    if cls not in _NAMES:
        _NAMES[cls] = tuple(field.name for field in fields(cls))
    return _NAMES[cls]


_ENCODER = json.JSONEncoder(default=_plain, ensure_ascii=False, separators=(",", ":"))


def _decoder(cls: type[Any]) -> Decoder:
    if cls not in _DECODERS:
        _DECODERS[cls] = _build(cls)
    return _DECODERS[cls]


def _build(cls: type[Any]) -> Decoder:
    hints = get_type_hints(cls)
    found = {field.name: _field(hints[field.name]) for field in fields(cls)}
    special = tuple((name, decoder) for name, decoder in found.items() if decoder is not None)

    def build(data: dict[str, Any]) -> Any:
        for name, decoder in special:
            value = data.get(name)
            if value is not None:
                data[name] = decoder(value)
        return cls(**data)

    return build


def _field(hint: Any) -> Decoder | None:
    """Return what turns a field's JSON value into its own, or None where they are the same."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        (hint,) = (arg for arg in get_args(hint) if arg is not types.NoneType)
        return _field(hint)
    if origin is tuple:
        item = _field(get_args(hint)[0])
        return tuple if item is None else lambda values: tuple(item(value) for value in values)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if isinstance(hint, type) and is_dataclass(hint):
        return _decoder(hint)
    return None
