"""Write the generated parts of the README: `python tests/contract/readme.py`."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

from ecrmock.operations import table
from ecrmock.wire import models

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PACKAGE = ROOT / "ecrmock"
MARK = "Assumed:"


def operations() -> str:
    """Return the table of operations that are built."""
    lines = ["| service | built | operations |", "|---|---|---|"]
    for service in models.SERVICES:
        built = table.built(service)
        names = ", ".join(built) or "none yet"
        lines.append(f"| {service} | {len(built)} | {names} |")
    return "\n".join(lines)


def assumed() -> str:
    """Return the list of all assumptions that the code marks."""
    lines = []
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        source = path.read_text(encoding="utf-8")
        found = [*_in_docstrings(source), *_in_comments(source)]
        for line, where, text in sorted(found):
            label = f"{module}.{where}" if where else module
            lines.append((label, line, text))
    return "\n".join(f"- `{label}`: {text}" for label, _, text in lines)


def _in_docstrings(source: str) -> list[tuple[int, str, str]]:
    found = []
    for node, where in _scopes(ast.parse(source)):
        docstring = ast.get_docstring(node)
        if docstring and MARK in docstring:
            for part in re.split(rf"(?<!`){MARK}", docstring)[1:]:
                paragraph = re.split(r"\n\s*\n", part)[0]
                text = " ".join(paragraph.split())
                sentence = re.split(r"(?<=\.)\s(?=[A-Z])", text)[0]
                found.append((getattr(node, "lineno", 0), where, sentence))
    return found


def _in_comments(source: str) -> list[tuple[int, str, str]]:
    scopes = [
        (node.lineno, node.end_lineno or node.lineno, where)
        for node, where in _scopes(ast.parse(source))
        if not isinstance(node, ast.Module)
    ]
    found = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and MARK in token.string:
            line = token.start[0]
            inside = [where for first, last, where in scopes if first <= line <= last]
            text = token.string.split(MARK, 1)[1].strip()
            found.append((line, inside[-1] if inside else "", text))
    return found


def _scopes(tree: ast.AST, prefix: str = "") -> list[tuple[ast.AST, str]]:
    """Return the module, its classes and functions with their names, outer ones first."""
    scopes = [(tree, prefix)]
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            scopes += _scopes(node, f"{prefix}.{node.name}" if prefix else node.name)
    return scopes


def rendered(text: str) -> str:
    """Return the README with its generated parts as they should be."""
    for name, make in (("operations", operations), ("assumed", assumed)):
        pattern = rf"(<!-- {name}:[^\n]*-->\n).*?(<!-- /{name} -->)"
        text = re.sub(pattern, lambda m: f"{m[1]}{make()}\n{m[2]}", text, flags=re.DOTALL)  # noqa: B023
    return text


if __name__ == "__main__":
    README.write_text(rendered(README.read_text(encoding="utf-8")), encoding="utf-8")
