from __future__ import annotations

import ast

from tests.fakes.sources import EVERYTHING, name, python_files, tree

FILE_LINES = 400
FUNCTION_LINES = 60


def test_no_file_is_longer_than_400_lines():
    sizes = {name(p): len(p.read_bytes().splitlines()) for p in python_files(*EVERYTHING)}

    assert {file: lines for file, lines in sizes.items() if lines > FILE_LINES} == {}


def test_a_function_fits_on_a_screen():
    long = {
        f"{name(path)}: {node.name}": lines
        for path in python_files(*EVERYTHING)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    }

    assert long == {}
