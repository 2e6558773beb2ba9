"""The shape of the code base: sizes, docstrings, forbidden imports, nothing of one machine."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ecrmock"
MODULES = sorted(PACKAGE.rglob("*.py"))

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50
# import-linter sees an outside package only as a whole, so the parts are watched here.
FORBIDDEN_PARTS = ("botocore.parsers", "botocore.serialize", "botocore.validate")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = Function | ast.ClassDef


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


every_module = pytest.mark.parametrize("path", MODULES, ids=name_of)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def length(function: Function) -> int:
    """Count the lines from `def` to the end, without the docstring."""
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        docstring = function.body[0]
        lines -= docstring.end_lineno - docstring.lineno + 1
    return lines


def all_public(body: list[ast.stmt]) -> Iterator[Documented]:
    """Yield the public classes and functions of a module; methods are left to ruff.

    An overload says nothing: the function that it belongs to does.
    """
    for node in body:
        if isinstance(node, Documented) and not node.name.startswith("_") and not is_overload(node):
            yield node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from all_public([inner for inner in node.body if isinstance(inner, ast.ClassDef)])


def is_overload(node: Documented) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "overload" for one in node.decorator_list)


def all_imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def all_files_of_the_tree() -> list[Path]:
    """List what git tracks or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("this is no git checkout")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_the_package_is_where_these_tests_look_for_it():
    assert PACKAGE / "__init__.py" in MODULES


@every_module
def test_a_file_is_short_enough_to_read_in_one_sitting(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= MOST_LINES_OF_A_FILE


@every_module
def test_a_function_fits_on_a_screen(path):
    functions = [node for node in ast.walk(parse(path)) if isinstance(node, Function)]

    too_long = {each.name: length(each) for each in functions}
    too_long = {name: lines for name, lines in too_long.items() if lines > MOST_LINES_OF_A_FUNCTION}

    assert not too_long


@every_module
def test_a_module_says_what_it_models(path):
    assert ast.get_docstring(parse(path))


@every_module
def test_a_public_function_or_class_says_what_it_does(path):
    silent = [each.name for each in all_public(parse(path).body) if not ast.get_docstring(each)]

    assert not silent


@every_module
def test_botocore_which_judges_the_replies_does_not_make_them(path):
    used = [
        name
        for name in all_imported(parse(path))
        if any(name == part or name.startswith(f"{part}.") for part in FORBIDDEN_PARTS)
    ]

    assert not used


def test_no_file_names_the_folder_of_this_checkout():
    checkout = re.compile(rb"(?<![\w./-])" + re.escape(str(ROOT).encode()) + rb"(?![\w-])")
    files = all_files_of_the_tree()

    naming = [name_of(each) for each in files if checkout.search(each.read_bytes())]

    assert not naming


def test_no_file_names_a_package_index():
    option = b"index" + b"-url"  # in two parts, or this file would name one
    files = all_files_of_the_tree()

    naming = [name_of(each) for each in files if option in each.read_bytes()]

    assert not naming
