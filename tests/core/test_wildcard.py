"""Wildcards: `*` and `?`, the whole text, nothing else special."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecrmock.core import wildcard


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("abc", "xabc", False),
        ("abc", "ABC", False),
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("*", "any/thing:at\nall", True),
        ("a*", "a", True),
        ("a*c", "abbbc", True),
        ("a*c", "abbb", False),
        ("a**c", "ac", True),
        ("*a*b*", "xxaxxbxx", True),
        ("*a*b*", "xxbxxaxx", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a?c", "a/c", True),
        ("???", "ab", False),
        ("a.c", "abc", False),
        ("a[b]c", "abc", False),
        ("a+", "aa", False),
        ("(a|b)", "a", False),
        ("a\\*", "a\\bc", True),
        ("^a$", "a", False),
        ("a*", "a\n", True),
        ("a", "a\n", False),
        ("bucket/*/test/*", "bucket/1/2/test/3/o", True),
        ("bucket/*/test/*", "bucket//test/o", True),
        ("bucket/*/test/*", "bucket/1/test/", True),
        ("bucket/*/test/*", "bucket/test/o", False),
        ("bucket/*/test/*", "bucket/1-test/o", False),
    ],
)
def test_a_pattern_fits_the_whole_text(pattern, text, fits):
    assert wildcard.matches(pattern, text) is fits


@pytest.mark.parametrize(("text", "fits"), [("v?", True), ("v1", False), ("v", False)])
def test_a_question_mark_is_a_character_where_it_is_no_wildcard(text, fits):
    assert wildcard.matches("v?", text, question_mark=False) is fits


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("ecr:PUTimage", "ecr:PutImage", True),
        ("ECR:*", "ecr:PutImage", True),
        ("ecs:*", "ecr:X", False),
    ],
)
def test_case_is_ignored_on_request(pattern, text, fits):
    assert wildcard.matches(pattern, text, ignore_case=True) is fits


@given(pattern=st.text("ab*?./", max_size=8), text=st.text("ab./\n", max_size=12))
def test_it_agrees_with_the_shells_wildcards(pattern, text):
    assert wildcard.matches(pattern, text) is fnmatchcase(text, pattern)


@given(text=st.text(max_size=20))
def test_a_text_without_wildcards_fits_itself(text):
    plain = text.replace("*", "").replace("?", "")

    assert wildcard.matches(plain, plain)
