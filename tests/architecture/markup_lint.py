"""Finds text of others that a Textual widget would read as markup (SECURITY S2).

A sink takes a literal of ours, something typed `Content`, or anything with `markup=False`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from tests.fakes.sources import dotted

WIDGETS = {
    "Static", "Label", "Button", "Checkbox", "RadioButton", "Option", "Tab", "TabPane",
    "Collapsible", "Selection", "Link", "Tooltip",
}  # fmt: skip
CALLS = {"notify", "render_str", "from_markup"}
UPDATES = {"update", "add_option", "set_label"}
TITLES = {"border_title", "border_subtitle", "tooltip"}
TEXTS = {"content", "renderable", "label", "title", "prompt", "message"}
BUILDERS = {"Content", "Content.from_text", "Content.assemble", "Content.styled", "Text"}


def content_functions(modules: Iterable[ast.AST]) -> set[str]:
    """Return the names of the functions that say they return `Content`."""
    return {
        node.name
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef) and _is_content(node.returns)
    }


def offences(module: ast.AST, returning: Iterable[str] = ()) -> list[int]:
    """Return the lines in which text of others may be read as markup.

    Args:
        module: What to look through.
        returning: Functions known to return `Content`.
    """
    lint = _Lint(module, frozenset(returning))
    return sorted({node.lineno for node in ast.walk(module) if lint.offends(node)})


class _Lint:
    def __init__(self, module: ast.AST, returning: frozenset[str]) -> None:
        self._returning = returning
        self._names: dict[str, bool] = {}
        self._strings: set[str] = set()
        """Names that are declared to be plain text."""
        for node in ast.walk(module):
            self._bind(node)

    def _bind(self, node: ast.AST) -> None:
        """Remember whether a name is `Content` wherever it is bound."""
        if isinstance(node, ast.arg):
            if isinstance(node.annotation, ast.Name) and node.annotation.id == "str":
                self._strings.add(node.arg)
            bound = [(node.arg, _is_content(node.annotation))]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            bound = [(node.target.id, _is_content(node.annotation))]
        elif isinstance(node, ast.Assign):
            targets = [target.id for target in node.targets if isinstance(target, ast.Name)]
            bound = [(target, self.is_safe(node.value)) for target in targets]
        else:
            return
        for name, safe in bound:
            self._names[name] = self._names.get(name, True) and safe

    def offends(self, node: ast.AST) -> bool:
        """Tell whether this node hands text of others to a sink."""
        if isinstance(node, ast.Call):
            return self._call_offends(node)
        if isinstance(node, ast.Assign):
            titled = any(isinstance(t, ast.Attribute) and t.attr in TITLES for t in node.targets)
            return titled and not self.is_safe(node.value)
        return False

    def _call_offends(self, call: ast.Call) -> bool:
        called = dotted(call.func).rpartition(".")[2] or getattr(call.func, "attr", "")
        texts = [*call.args[:1], *(k.value for k in call.keywords if k.arg in TEXTS)]
        if any(
            k.arg == "markup" and getattr(k.value, "value", True) is False for k in call.keywords
        ):
            return False
        if called in WIDGETS | CALLS:
            return not all(map(self.is_safe, texts))
        return called in UPDATES and any(map(self._is_text, texts))

    def _is_text(self, value: ast.expr) -> bool:
        return _is_built_text(value) or (isinstance(value, ast.Name) and value.id in self._strings)

    def is_safe(self, value: ast.expr) -> bool:
        """Tell whether an expression cannot carry text of others into markup."""
        if isinstance(value, ast.Constant):
            return True
        if isinstance(value, ast.Name):
            return self._names.get(value.id, False)
        if isinstance(value, ast.IfExp):
            return self.is_safe(value.body) and self.is_safe(value.orelse)
        if not isinstance(value, ast.Call):
            return False
        built = dotted(value.func)
        if built == "Content.from_markup":
            return bool(value.args) and isinstance(value.args[0], ast.Constant)
        return built in BUILDERS or built.rpartition(".")[2] in self._returning


def _is_content(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id in {"Content", "Text"}


def _is_built_text(value: ast.expr) -> bool:
    """Tell whether an expression makes a new string: f-string, `%`, `+`, format, str or join."""
    if isinstance(value, ast.Call):
        if not isinstance(value.func, ast.Attribute):
            return dotted(value.func) == "str"
        receiver = value.func.value
        joins_content = isinstance(receiver, ast.Call) and dotted(receiver.func) in BUILDERS
        return value.func.attr in {"format", "join"} and not joins_content
    return isinstance(value, ast.JoinedStr) or (
        isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mod | ast.Add)
    )
