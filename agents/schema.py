"""JSON schemas as each provider takes them."""

from __future__ import annotations

from collections.abc import Mapping

# Strict structured outputs refuse a request with these; a grammar on this machine honours them.
_REFUSED = frozenset(
    (
        "$schema",
        "contains",
        "default",
        "examples",
        "maxContains",
        "maxLength",
        "maxProperties",
        "minContains",
        "minLength",
        "minProperties",
        "patternProperties",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
        "uniqueItems",
    )
)
_BY_NAME = ("properties", "$defs", "definitions")
_VALUES = ("enum", "const")


def answer_format(schema: Mapping[str, object], *, keep_limits: bool) -> dict[str, object]:
    """Return name, schema and strictness of a structured answer, which both protocols wrap.

    Args:
        schema: As the hub wrote it.
        keep_limits: True where the server honours limits of length; else they are left out, and
            whoever reads the answer checks them.
    """
    sent = dict(schema) if keep_limits else _strict(schema)
    return {"name": "answer", "strict": keep_limits or _all_required(sent), "schema": sent}


def _strict(schema: Mapping[str, object]) -> dict[str, object]:
    """Leave out what strict mode refuses; objects take no further properties."""
    out: dict[str, object] = {}
    for key, value in schema.items():
        if key in _REFUSED:
            continue
        if key in _BY_NAME and isinstance(value, Mapping):
            out[key] = {name: _strict_value(inner) for name, inner in value.items()}
        else:
            out[key] = value if key in _VALUES else _strict_value(value)
    if "properties" in out:
        out["additionalProperties"] = False
    return out


def _strict_value(value: object) -> object:
    if isinstance(value, Mapping):
        return _strict(value)
    if isinstance(value, list | tuple):
        return [_strict_value(item) for item in value]
    return value


def _all_required(value: object) -> bool:
    """Tell whether every object requires all its properties, without which strict is refused."""
    if isinstance(value, Mapping):
        properties = value.get("properties")
        required = value.get("required")
        if isinstance(properties, Mapping):
            named = set(required) if isinstance(required, list | tuple) else set()
            if named != set(properties):
                return False
        return all(_all_required(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return all(_all_required(item) for item in value)
    return True
