"""The cluster query language: however an expression is spelled, it means what its tree means."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ecrmock.ecs.query_language import parse
from tests.ecs import queries


@given(data=st.data(), tree=queries.trees, instance=queries.instances)
def test_however_it_is_spelled_an_expression_means_what_its_tree_means(data, tree, instance):
    text = queries.spelled(data.draw, tree)

    verdict = parse(text).matches(instance)

    assert verdict is queries.holds(tree, instance)
