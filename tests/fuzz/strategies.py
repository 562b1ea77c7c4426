"""JSON values as hypothesis draws them, and any part of one put in another's place."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.fuzz.mutation import NASTY_VALUES

JSON = st.recursive(
    st.sampled_from([v for v in NASTY_VALUES if not isinstance(v, dict | list)])
    | st.integers()
    | st.floats()
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def parts_of(value, path=()):
    """The path to every part of a JSON value."""
    yield path
    if isinstance(value, dict | list):
        for name in value if isinstance(value, dict) else range(len(value)):
            yield from parts_of(value[name], (*path, name))


def put(value, path, new):
    """The value with another part at a path."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy
