"""A message `[/b]` crashed widgets, `[@click=..]` ran actions: no text of others is markup."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.markup_lint import content_functions, offences
from tests.fakes.sources import imported, name, python_files, tree


@pytest.mark.control("S2")
def test_no_text_of_others_reaches_a_widget_as_markup():
    returning = content_functions(map(tree, python_files("ui")))

    bad = [
        f"{name(path)}:{line}"
        for path in python_files("ui")
        if any(module.partition(".")[0] == "textual" for module in imported(path))
        for line in offences(tree(path), returning)
    ]

    assert bad == []


@pytest.mark.parametrize(
    "code",
    [
        "Static(f'{name}')",
        "Label(title)",
        "self.notify('no ' + name)",
        "widget.border_title = thread.title",
        "status.update(f'{name}')",
        "status.update(' '.join(names))",
        "lambda status: status.update(str(row))",
        "Content.from_markup(f'[b]{x}[/b]')",
        "Button(label=agent.name)",
        "Option(self.plain(row))",
    ],
)
def test_the_lint_sees(code):
    assert offences(ast.parse(code)) == [1]


@pytest.mark.parametrize(
    "code",
    [
        "Static('[b]Threads[/b]')",
        "Label(title, markup=False)",
        "self.notify(text, markup=False)",
        "widget.border_title = Content(thread.title)",
        "status.update(Content(name))",
        "Content.from_markup('[b]$x[/b]', x=name)",
        "seen.update(names)",
        "status.update(Content(' ').join(lines))",
        "def line(row) -> Content: ...\nOption(self.line(row))",
        "def show(line: Content): Static(line)",
    ],
)
def test_the_lint_lets_pass(code):
    module = ast.parse(code)

    assert offences(module, content_functions([module])) == []


def test_the_lint_sees_a_parameter_that_is_declared_as_text():
    code = "def show(status: Static, title: str): status.update(title)"

    assert offences(ast.parse(code)) == [1]


def test_a_name_is_safe_only_if_it_is_safe_wherever_it_is_bound():
    code = "line = Content(x)\nStatic(line)\nline = thread.title\n"

    assert offences(ast.parse(code)) == [2]
