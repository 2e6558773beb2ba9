"""`mock_aws` as a decorator of functions: each kind stays of its kind and is mocked throughout."""

from __future__ import annotations

import asyncio
import functools
import inspect

import boto3
import pytest

from ecrmock import UsageError, current, mock_aws


def create(name="team/app"):
    boto3.client("ecr").create_repository(repositoryName=name)


def as_function(decorate, body):
    @decorate
    def target():
        return body()

    return target()


def as_lambda(decorate, body):
    return decorate(lambda: body())()  # noqa: PLW0108 - a lambda is the point


def as_partial(decorate, body):
    return decorate(functools.partial(lambda given: given(), body))()


def as_coroutine(decorate, body):
    @decorate
    async def target():
        await asyncio.sleep(0)
        return body()

    return asyncio.run(target())


def as_generator(decorate, body):
    @decorate
    def target():
        yield body()

    return next(iter(list(target())))


def as_async_generator(decorate, body):
    @decorate
    async def target():
        await asyncio.sleep(0)
        yield body()

    async def collect():
        return [item async for item in target()]

    return asyncio.run(collect())[0]


def as_method(decorate, body):
    class Holder:
        @decorate
        def target(self):
            return body()

    return Holder().target()


def as_async_method(decorate, body):
    class Holder:
        @decorate
        async def target(self):
            return body()

    return asyncio.run(Holder().target())


def as_static_method(decorate, body):
    class Holder:
        @staticmethod
        @decorate
        def target():
            return body()

    return Holder.target()


def as_static_method_below(decorate, body):
    class Holder:
        @decorate
        @staticmethod
        def target():
            return body()

    return Holder().target()


def as_class_method(decorate, body):
    class Holder:
        @classmethod
        @decorate
        def target(cls):
            assert cls is Holder
            return body()

    return Holder.target()


def as_class_method_below(decorate, body):
    class Holder:
        @decorate
        @classmethod
        async def target(cls):
            assert cls is Holder
            return body()

    return asyncio.run(Holder.target())


KINDS = [
    as_function,
    as_lambda,
    as_partial,
    as_coroutine,
    as_generator,
    as_async_generator,
    as_method,
    as_async_method,
    as_static_method,
    as_static_method_below,
    as_class_method,
    as_class_method_below,
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__[3:])


@every_kind
@pytest.mark.parametrize("decorate", [mock_aws, mock_aws()], ids=["bare", "called"])
def test_the_body_is_mocked_and_its_result_comes_back(kind, decorate, names):
    def body():
        create()
        return names()

    found = kind(decorate, body)

    assert found == ["team/app"]


@every_kind
def test_the_options_of_the_decorator_hold_in_the_body(kind):
    decorate = mock_aws(region_name="eu-west-1", account_id="111122223333")

    found = kind(decorate, lambda: boto3.client("sts").get_caller_identity()["Account"])

    assert found == "111122223333"
    assert kind(decorate, lambda: boto3.client("ecr").meta.region_name) == "eu-west-1"


@every_kind
def test_each_call_begins_with_a_world_of_its_own(kind, names):
    decorate = mock_aws()
    kind(decorate, create)

    found = kind(decorate, names)

    assert found == []


@every_kind
def test_nothing_is_active_after_the_body_has_ended(kind, is_active):
    was_active = kind(mock_aws, is_active)

    assert was_active
    assert not is_active()


@every_kind
def test_an_error_of_the_body_comes_out_and_ends_the_mock(kind, is_active):
    def body():
        raise KeyError("from the body")

    with pytest.raises(KeyError, match="from the body"):
        kind(mock_aws, body)

    assert not is_active()


def plain(first, /, second: int = 2, *rest: str, third, **others) -> str:
    """Say something."""


async def coroutine(first, *, second: int = 2) -> str:
    """Say something."""


def generator(first, second=2):
    """Say something."""
    yield first


async def async_generator(first, second=2):
    """Say something."""
    yield first


PLAIN = [plain, coroutine, generator, async_generator]


@pytest.mark.parametrize("function", PLAIN, ids=lambda each: each.__name__)
@pytest.mark.parametrize("decorate", [mock_aws, mock_aws(seed=1)], ids=["bare", "called"])
class TestLooks:
    """A decorated function looks as it did."""

    def test_the_signature_is_kept(self, function, decorate):
        assert inspect.signature(decorate(function)) == inspect.signature(function)

    def test_name_module_and_docstring_are_kept(self, function, decorate):
        decorated = decorate(function)

        assert decorated.__name__ == function.__name__
        assert decorated.__qualname__ == function.__qualname__
        assert decorated.__module__ == function.__module__
        assert decorated.__doc__ == "Say something."

    @pytest.mark.parametrize(
        "ask",
        [
            inspect.iscoroutinefunction,
            inspect.isgeneratorfunction,
            inspect.isasyncgenfunction,
        ],
    )
    def test_the_kind_is_kept(self, function, decorate, ask):
        assert ask(decorate(function)) == ask(function)


def test_a_generator_that_was_not_begun_has_begun_no_mock(is_active):
    @mock_aws
    def steps():
        yield

    steps()

    assert not is_active()


def test_a_generator_is_mocked_between_its_items_too(is_active, names):
    @mock_aws
    def steps():
        create("one")
        yield
        create("two")
        yield names()

    walk = steps()
    next(walk)
    create("from-outside")

    assert next(walk) == ["from-outside", "one", "two"]
    walk.close()
    assert not is_active()


def test_a_generator_gets_what_is_sent_and_thrown_and_gives_its_return_value():
    @mock_aws
    def steps():
        sent = yield "first"
        try:
            yield sent
        except KeyError:
            yield "caught"
        return "returned"

    walk = steps()
    found = [next(walk), walk.send("sent"), walk.throw(KeyError())]

    assert found == ["first", "sent", "caught"]
    with pytest.raises(StopIteration, match="returned"):
        next(walk)


def test_an_async_generator_gets_what_is_sent_and_thrown():
    @mock_aws
    async def steps():
        sent = yield "first"
        try:
            yield sent
        except KeyError:
            yield "caught"

    async def walk():
        walked = steps()
        return [await anext(walked), await walked.asend("sent"), await walked.athrow(KeyError())]

    assert asyncio.run(walk()) == ["first", "sent", "caught"]


def test_an_async_generator_that_is_closed_cleans_up_inside_its_mock(is_active):
    cleaned_up = []

    @mock_aws
    async def steps():
        try:
            yield
        finally:
            await asyncio.sleep(0)
            cleaned_up.append(is_active())

    async def walk():
        walked = steps()
        await anext(walked)
        await walked.aclose()
        return is_active()

    assert asyncio.run(walk()) is False
    assert cleaned_up == [True]


def test_a_function_that_calls_itself_is_in_a_world_of_its_own_each_time(names):
    @mock_aws
    def descend(depth):
        create(f"depth-{depth}")
        if depth:
            descend(depth - 1)
        return names()

    assert descend(2) == ["depth-2"]


def test_two_decorators_nest_and_the_inner_one_answers():
    @mock_aws(region_name="eu-west-1")
    @mock_aws(region_name="eu-west-2")
    def target():
        return current().region_name

    assert target() == "eu-west-2"


def test_an_ordinary_function_that_returns_a_coroutine_is_refused_by_name():
    async def work():
        return "never"

    @mock_aws
    def returns_a_coroutine():
        return work()

    with pytest.raises(UsageError, match=r"returns_a_coroutine .*make it async def"):
        returns_a_coroutine()


def test_a_fixture_object_is_refused_with_the_right_order():
    @pytest.fixture
    def something():
        return 1

    with pytest.raises(UsageError, match=r"below @pytest\.fixture"):
        mock_aws(something)


class Nothing:
    """No test at all."""


@pytest.mark.parametrize(
    ("target", "says"),
    [(Nothing, "Nothing has no test"), (5, "not 5"), ("ecr", "not 'ecr'")],
    ids=["class-without-tests", "number", "text"],
)
@pytest.mark.parametrize("decorate", [mock_aws, mock_aws()], ids=["bare", "called"])
def test_what_is_no_test_is_refused_by_name(decorate, target, says):
    with pytest.raises(UsageError, match=says):
        decorate(target)
