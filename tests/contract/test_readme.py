"""The README says what the code does: its tables are those that the code gives."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import ecrmock

HERE = Path(__file__).parent


def load_generator():
    spec = importlib.util.spec_from_file_location("readme_generator", HERE / "readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_parts_of_the_readme_are_up_to_date():
    generator = load_generator()
    text = generator.README.read_text(encoding="utf-8")

    assert generator.rendered(text) == text, "run: python tests/contract/readme.py"


def test_every_built_operation_is_listed_once():
    generator = load_generator()
    text = generator.README.read_text(encoding="utf-8")

    assert "| ecr | " in text
    assert "CreateRepository" in text


def test_public_names_are_sorted_and_resolve():
    assert list(ecrmock.__all__) == sorted(ecrmock.__all__)
    assert all(getattr(ecrmock, name) is not None for name in ecrmock.__all__)


def test_every_option_of_mock_aws_is_in_the_readme():
    import inspect

    generator = load_generator()
    text = generator.README.read_text(encoding="utf-8")
    options = [
        p.name
        for p in inspect.signature(ecrmock.mock_aws).parameters.values()
        if p.kind is p.KEYWORD_ONLY
    ]

    assert [name for name in options if f"| `{name}` |" not in text] == []
