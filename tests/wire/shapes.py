"""Hypothesis strategies from a service model: requests that it allows, replies that fit it.

A few hundred drawn values make one request of RegisterTaskDefinition, so leaves are cheap: most
are picked from a pool that is made once per shape, with texts at both limits of its length, and
a strategy is made, and checked by Hypothesis, once.
"""

from __future__ import annotations

import re
import string
import unicodedata
from datetime import datetime, timedelta, timezone
from functools import cache
from itertools import islice
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

import botocore
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st

from ecrmock.wire import constraints, models

try:
    from re import _parser as regex
except ImportError:  # Python 3.10
    import sre_parse as regex

XML_TEXT = (
    "\t\n"
    + string.printable[:95]
    + "\x85\xa0\xe9\xff\u0416\u0669\u2003\u2028\u6f22\ufffd\U0001f433"
)
"""Characters that XML carries as they are; with quotes, markup, several planes, all \\p classes."""
ANY_TEXT = XML_TEXT + "\0\r\x1b\x7f\ufeff\uffff\U0010ffff"
"""Characters that JSON and forms carry."""
EXAMPLES = 30
"""How many each operation gets with each botocore; Hypothesis repeats a few of them."""

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
LAST_MS = 4_102_444_800_000
LAYERS = 3
"""How deep optional members are picked; below, a partial value has what is required."""
POOL, LONGEST = 24, 2048
TRIES, REPEATS = 4000, (0, 1, 3, 12)
LIMITS = {"integer": 1 << 31, "long": 1 << 63}

steady = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)

own_examples = seed(crc32(botocore.__version__.encode()))
"""Let each generation of botocore see other examples, the same ones every time."""

OPERATIONS = [
    (service, operation)
    for service in models.SERVICES
    for operation in models.load(service).operation_names
]
IDS = [f"{service}.{operation}" for service, operation in OPERATIONS]

JSON_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(1 << 63), 1 << 63),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.sampled_from(ANY_TEXT), max_size=4),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.text(st.sampled_from(ANY_TEXT), max_size=4), inner, max_size=2),
    ),
    max_leaves=4,
)
DOCUMENTS = st.dictionaries(st.text(st.sampled_from(ANY_TEXT), max_size=4), JSON_VALUES, max_size=2)
MOMENTS = st.integers(0, LAST_MS).map(lambda ms: EPOCH + timedelta(milliseconds=ms))


@cache
def requests(service: str, operation: str, *, full: bool | None = None) -> st.SearchStrategy[Any]:
    """Give requests of an operation that its model allows.

    Args:
        service: for example `ecr`.
        operation: for example `PutImage`.
        full: whether every optional member is there; None for now and then.
    """
    return _drawn(service, models.load(service).operation(operation).input, "request", full)


@cache
def replies(service: str, operation: str, *, full: bool | None = None) -> st.SearchStrategy[Any]:
    """Give replies that fit the output of an operation.

    Full, they have every member and can be changed; else there are nulls and tuples among them.
    """
    return _drawn(service, models.load(service).operation(operation).output, "reply", full)


@cache
def structures(service: str, name: str) -> st.SearchStrategy[Any]:
    """Give values of one structure, as a reply holds it."""
    return _drawn(service, name, "reply", None)


@cache
def unknown_members(service: str) -> st.SearchStrategy[dict[str, Any]]:
    """Give members of a body that no model has."""
    is_query = models.load(service).is_query
    letters = st.sampled_from(ANY_TEXT.replace(".", ""))  # in a form, a dot goes one level down
    names = st.text(letters, max_size=6).map("~{}".format)
    values = st.text(st.sampled_from(ANY_TEXT), max_size=6) if is_query else JSON_VALUES
    return st.dictionaries(names, values, max_size=2)


@st.composite
def _drawn(draw, service: str, name: str | None, role: str, full: bool | None) -> Any:
    if name is None:
        return {}
    if full is None:
        full = draw(_RARELY)
    return _Maker(draw, service, role, full).value(name, 0)


_RARELY = st.sampled_from([False, False, False, False, True])
_KINDS = st.sampled_from([list, list, list, tuple])


class _Maker:
    """Makes one value, part by part."""

    def __init__(self, draw, service: str, role: str, full: bool) -> None:
        self.draw = draw
        self.service = service
        self.model = models.load(service)
        self.role = role
        self.full = full

    def value(self, name: str, depth: int) -> Any:
        kind = self.model.shapes[name]["type"]
        if kind == "structure":
            return self.structure(name, depth)
        if kind == "list":
            return self.list(name, depth)
        if kind == "map":
            return self.map(name, depth)
        return self.draw(_leaf(self.service, name, self.role, self.full))

    def structure(self, name: str, depth: int) -> Any:
        plan = _plan(self.service, name)
        if plan.is_document:
            return self.draw(DOCUMENTS)
        if plan.is_union:
            chosen = [self.draw(plan.one)]
        elif self.full:
            chosen = [*plan.optional, *plan.required]
        elif depth >= LAYERS:
            chosen = plan.required
        else:
            chosen = [*self.draw(plan.some), *plan.required]
        if self.role == "request" and self.model.is_query and not chosen:
            chosen = plan.optional[:1]  # a form cannot say that a structure is empty
        out = {member: self.value(plan.shapes[member], depth + 1) for member in chosen}
        if self.role == "reply" and not self.full and not plan.is_union:
            out |= dict.fromkeys(self.draw(plan.null))
        return out

    def list(self, name: str, depth: int) -> Any:
        shape = self.model.shapes[name]
        size = self.draw(_sizes(shape.get("min", 0), shape.get("max"), self.full))
        items = [self.value(shape["member"]["shape"], depth + 1) for _ in range(size)]
        return items if self.full or self.role == "request" else self.draw(_KINDS)(items)

    def map(self, name: str, depth: int) -> Any:
        shape = self.model.shapes[name]
        low = max(shape.get("min", 0), 1 if self.model.is_query else 0)  # as for structures
        size = self.draw(_sizes(low, shape.get("max"), self.full))
        key, value = shape["key"]["shape"], shape["value"]["shape"]
        return {self.value(key, depth + 1): self.value(value, depth + 1) for _ in range(size)}


class _Plan(NamedTuple):
    """What a structure offers to choose from."""

    is_document: bool
    is_union: bool
    shapes: dict[str, str]
    required: list[str]
    optional: list[str]
    one: st.SearchStrategy[str]
    some: st.SearchStrategy[list[str]]
    null: st.SearchStrategy[list[str]]


@cache
def _plan(service: str, name: str) -> _Plan:
    shape = models.load(service).shapes[name]
    members = {member: ref["shape"] for member, ref in shape.get("members", {}).items()}
    required = [member for member in members if member in shape.get("required", ())]
    optional = [member for member in members if member not in required]
    pick = st.sampled_from(optional) if optional else st.nothing()
    return _Plan(
        bool(shape.get("document")),
        bool(shape.get("union")),
        members,
        required,
        optional,
        st.sampled_from(list(members)) if members else st.nothing(),
        st.lists(pick, unique=True, max_size=4) if optional else st.just([]),
        st.sampled_from([[], [], [], *([member] for member in optional)]),
    )


@cache
def _sizes(low: int, high: int | None, full: bool) -> st.SearchStrategy[int]:
    if full:
        return st.just(max(low, 1))
    return st.integers(low, low + 2 if high is None else min(high, low + 2))


# ------------------------------------------------------------------------------------ leaves


@cache
def _leaf(service: str, name: str, role: str, pooled: bool) -> st.SearchStrategy[Any]:
    model = models.load(service)
    shape = model.shapes[name]
    kind = shape["type"]
    if kind == "string":
        if role == "request":
            return _allowed_texts(shape, pooled)
        return _texts(XML_TEXT if model.is_query else ANY_TEXT, 0, None, pooled)
    if kind in LIMITS:
        bound = LIMITS[kind]
        low, high = shape.get("min", -bound), shape.get("max", bound - 1)
        return (
            st.integers(int(low), int(high))
            if role == "request"
            else st.integers(-bound, bound - 1)
        )
    return {
        "boolean": st.booleans(),
        "timestamp": MOMENTS,
        "blob": st.binary(min_size=shape.get("min", 0), max_size=shape.get("min", 0) + 8),
        "double": st.floats(
            shape.get("min"), shape.get("max"), allow_nan=False, allow_infinity=False
        ),
    }[kind]


def _allowed_texts(shape: dict[str, Any], pooled: bool) -> st.SearchStrategy[str]:
    if "enum" in shape:
        return st.sampled_from(list(shape["enum"]))
    low, high = shape.get("min", 0), shape.get("max")
    pattern = shape.get("pattern")
    if pattern is None:
        return _texts(ANY_TEXT, low, high, pooled)
    simple = _SIMPLE.fullmatch(pattern)
    if simple is None:
        return _matching(pattern, low, high)
    least, most = _COUNTS.get(simple["count"]) or map(int, simple["count"][1:-1].split(","))
    high = min((bound for bound in (high, most) if bound is not None), default=None)
    return _texts(_members_of(simple["set"]), max(low, least), high, pooled)


_SIMPLE = re.compile(r"\^?\(?(?P<set>\[(?:[^\]\\]|\\.)+\])(?P<count>[*+]|\{\d+,\d+\})\)?\$?")
_COUNTS = {"*": (0, None), "+": (1, None)}


@cache
def _members_of(character_set: str) -> str:
    """Return the characters that a set such as `[\\p{L}_.-]` allows, by Unicode's own tables."""
    classes = set(re.findall(r"\\p\{(\w)\}", character_set))
    plain = re.compile(re.sub(r"\\p\{\w\}", "", character_set))
    return "".join(
        c for c in ANY_TEXT if plain.fullmatch(c) or unicodedata.category(c)[0] in classes
    )


@cache
def _texts(alphabet: str, low: int, high: int | None, pooled: bool) -> st.SearchStrategy[str]:
    choose = Random(f"{alphabet} {low} {high}")
    sizes = [size for size in (low, low + 1, low + 5, low + 20) if high is None or size <= high]
    if high is not None and high <= LONGEST:
        sizes.append(high)
    pool = ["".join(choose.choices(alphabet, k=choose.choice(sizes))) for _ in range(POOL)]
    picked = st.sampled_from(["".join(choose.choices(alphabet, k=size)) for size in sizes] + pool)
    if pooled or low > 1:
        return picked
    most = 8 if high is None else min(high, 8)
    return st.one_of(picked, st.text(st.sampled_from(alphabet), min_size=low, max_size=most))


@cache
def _matching(pattern: str, low: int, high: int | None) -> st.SearchStrategy[str]:
    expression = constraints.expression(pattern)
    choose, tree = Random(pattern), regex.parse(expression.pattern)
    tries = (_written(tree, choose) for _ in range(TRIES))
    fitting = (
        text
        for text in tries
        if low <= len(text) <= (high or LONGEST) and expression.fullmatch(text)
    )
    return st.sampled_from(list(islice(fitting, POOL)))


def _written(tree: Any, choose: Random) -> str:
    """Return a text that a parsed pattern is likely to match."""
    out = []
    for kind, value in tree:
        match str(kind):
            case "LITERAL":
                out.append(chr(value))
            case "IN":
                out.append(choose.choice([c for c in ANY_TEXT if _is_in(value, c)]))
            case "MAX_REPEAT":
                least, most, inner = value
                count = choose.randint(least, min(most, least + choose.choice(REPEATS)))
                out += [_written(inner, choose) for _ in range(count)]
            case "SUBPATTERN":
                out.append(_written(value[-1], choose))
            case "BRANCH":
                out.append(_written(choose.choice(value[1]), choose))
    return "".join(out)


def _is_in(items: Any, character: str) -> bool:
    return any(_MEETS[str(kind)](value, character) for kind, value in items if value is not None)


_MEETS = {
    "LITERAL": lambda value, c: ord(c) == value,
    "RANGE": lambda value, c: value[0] <= ord(c) <= value[1],
    "CATEGORY": lambda value, c: bool(re.fullmatch(_CATEGORIES[str(value)], c)),
}
_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_WORD": r"\w",
}
