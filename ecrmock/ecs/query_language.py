"""The cluster query language: expressions that choose container instances.

Placement constraints and the filter of ListContainerInstances are written in it. Subjects and what
their operators mean are in `query_subjects`.
Source: ECS developer guide, cluster query language.
Assumed: `not` binds closer than `and`, `and` closer than `or`; words are written in lower case, as
the guide writes them; between quotes nothing is special, not even a backslash or a parenthesis.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from ecrmock.ecs.query_subjects import KINDS, Refused, Subject, find_kind, to_pattern

if TYPE_CHECKING:
    from lark import Lark, Token, Tree, UnexpectedInput

__all__ = ["Expression", "QueryIsMalformed", "Subject", "parse"]

MAX_LENGTH: Final = 2000
"""How many characters an expression may have. Source: CloudFormation, PlacementConstraint."""
MAX_NESTING: Final = 50
"""How many parentheses and negations may be open at once. Assumed: ECS has a limit, too."""

_GRAMMAR: Final = r"""
    ?start: disjunction
    ?disjunction: conjunction (_OR conjunction)*
    ?conjunction: _unit (_AND _unit)*
    _unit: negation | group | _term
    negation: _NOT _unit
    group: "(" disjunction ")"
    _term: comparison | match | membership | presence
    comparison: SUBJECT COMPARE (VALUE | QUOTED)
    match: SUBJECT MATCH (PATTERN | QUOTED)
    membership: SUBJECT MEMBER "[" (VALUE | QUOTED) ("," (VALUE | QUOTED))* "]"
    presence: SUBJECT PRESENCE

    _OR: /\|\||or(?!\w)/
    _AND: /&&|and(?!\w)/
    _NOT.1: /!|not(?![\w.:\/\\-])/
    SUBJECT: /[A-Za-z][\w.:\/\\-]*/
    COMPARE: /[=!]=|[<>]=?|((not_)?equals|(greater|less)_than(_equal)?)(?!\w)/
    MATCH: /=~|!~|(not_)?matches(?!\w)/
    MEMBER: /(!|not_)?in(?!\w)/
    PRESENCE: /(!|not_)?exists(?!\w)/
    VALUE: /[^\s()\[\],'"&|=<>!~]+/
    PATTERN: /(?![=<>!~])([^\s()'"&|]|&(?!&)|\|(?!\|))+/
    QUOTED: /"[^"]*"|'[^']*'/
    %ignore /\s+/
"""

_SYMBOLS: Final[Mapping[str, str]] = {
    "equals": "==",
    "not_equals": "!=",
    "greater_than": ">",
    "greater_than_equal": ">=",
    "less_than": "<",
    "less_than_equal": "<=",
    "matches": "=~",
    "not_matches": "!~",
    "not_in": "!in",
    "not_exists": "!exists",
}
"""The symbols of the operators that are written as words."""


class QueryIsMalformed(ValueError):
    """A text is no expression of the language."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text = text
        self.reason = reason

    def __str__(self) -> str:
        return f"The expression {self.text!r} is malformed: {self.reason}."


class Expression(ABC):
    """A condition on a container instance; frozen, so copies share it."""

    __slots__ = ()

    @abstractmethod
    def matches(self, subject: Subject) -> bool:
        """Tell whether *subject* fulfils the condition."""

    @property
    @abstractmethod
    def subjects(self) -> frozenset[str]:
        """What it depends on, for example `attribute:ecs.instance-type`."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Expression:
        return self


@dataclass(slots=True, frozen=True)
class Term(Expression):
    """A subject, an operator and, mostly, an argument."""

    kind: str
    name: str
    """What stands behind `attribute:`; the empty text for another kind of subject."""
    operator: str
    """Its symbol."""
    argument: Hashable

    def matches(self, subject: Subject) -> bool:
        """Tell whether the values of its subject fit."""
        kind = KINDS[self.kind]
        return kind.verdicts[self.operator](kind.read(subject, self.name), self.argument)

    @property
    def subjects(self) -> frozenset[str]:
        """Its one subject."""
        return frozenset({self.kind + self.name})


@dataclass(slots=True, frozen=True)
class Negation(Expression):
    """The contrary of a condition."""

    part: Expression

    def matches(self, subject: Subject) -> bool:
        """Tell whether the condition is not fulfilled."""
        return not self.part.matches(subject)

    @property
    def subjects(self) -> frozenset[str]:
        """What the condition depends on."""
        return self.part.subjects


@dataclass(slots=True, frozen=True)
class _Compound(Expression):
    parts: tuple[Expression, ...]

    @property
    def subjects(self) -> frozenset[str]:
        """What any of the conditions depends on."""
        return frozenset[str]().union(*(part.subjects for part in self.parts))


@dataclass(slots=True, frozen=True)
class Conjunction(_Compound):
    """Several conditions at once."""

    def matches(self, subject: Subject) -> bool:
        """Tell whether all conditions are fulfilled."""
        return all(part.matches(subject) for part in self.parts)


@dataclass(slots=True, frozen=True)
class Disjunction(_Compound):
    """Several conditions, one of which is enough."""

    def matches(self, subject: Subject) -> bool:
        """Tell whether any condition is fulfilled."""
        return any(part.matches(subject) for part in self.parts)


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression:
    """Return the expression that *text* is; the same one for the same text, while it is cached.

    Raises:
        QueryIsMalformed: the grammar does not know it, a subject does not take the operator or
            the argument, or it is too long or nested too deeply.
    """
    from lark import UnexpectedInput

    if len(text) > MAX_LENGTH:
        raise QueryIsMalformed(text, f"it has more than {MAX_LENGTH} characters")
    try:
        return _build(_parser().parse(text), MAX_NESTING)
    except UnexpectedInput as error:
        raise QueryIsMalformed(text, _explain(text, error)) from error
    except Refused as error:
        raise QueryIsMalformed(text, str(error)) from error


@cache
def _parser() -> Lark:
    """Make the parser, once: importing lark and building the tables takes a while."""
    from lark import Lark

    return Lark(_GRAMMAR, parser="lalr")


def _explain(text: str, error: UnexpectedInput) -> str:
    from lark import UnexpectedToken

    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return "it ends too early"
    at = cast("int", error.pos_in_stream)  # lark declares it as always None
    return f"{text[at : at + 20]!r} is unexpected at position {at}"


# ------------------------------------------------------------------------- from tree to nodes

_Builder = Callable[[list[Any], int], Expression]


def _build(tree: Tree[Token], room: int) -> Expression:
    """Make an expression out of a tree; *room* is how many levels may still come."""
    return _BUILDERS[tree.data](tree.children, room)


def _build_group(children: list[Any], room: int) -> Expression:
    """Build what is a level deeper."""
    if not room:
        raise Refused(f"it is nested more than {MAX_NESTING} levels deep")
    return _build(children[0], room - 1)


def _build_term(convert: Callable[[Callable[[str], Any], list[str]], Hashable]) -> _Builder:
    """Return what makes a term; *convert* gets the converter of the subject and the arguments."""

    def build(children: list[Token], _room: int) -> Expression:
        subject, word = str(children[0]), str(children[1])
        symbol = _SYMBOLS.get(word, word)
        kind, name = find_kind(subject)
        if symbol not in KINDS[kind].verdicts:
            raise Refused(f"{subject!r} does not take the operator {symbol!r}")
        arguments = [_unquote(token) for token in children[2:]]
        return Term(kind, name, symbol, convert(KINDS[kind].convert, arguments))

    return build


def _unquote(token: Token) -> str:
    return token[1:-1] if token.type == "QUOTED" else str(token)


_BUILDERS: Final[Mapping[str, _Builder]] = {
    "disjunction": lambda parts, room: Disjunction(tuple(_build(part, room) for part in parts)),
    "conjunction": lambda parts, room: Conjunction(tuple(_build(part, room) for part in parts)),
    "negation": lambda parts, room: Negation(_build_group(parts, room)),
    "group": _build_group,
    "comparison": _build_term(lambda convert, arguments: convert(arguments[0])),
    "membership": _build_term(lambda convert, arguments: tuple(map(convert, arguments))),
    "match": _build_term(lambda _convert, arguments: to_pattern(arguments[0])),
    "presence": _build_term(lambda _convert, _arguments: None),
}
