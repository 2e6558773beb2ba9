"""A container instance to query, and random queries: as trees, as texts, and what they mean."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

REGISTERED = datetime(2018, 6, 18, 22, 28, 28, tzinfo=timezone.utc)


@dataclass
class Instance:
    agent_connected: bool = True
    agent_version: str = "1.105.1"
    attributes: dict = field(
        default_factory=lambda: {
            "ecs.instance-type": "t2.small",
            "ecs.availability-zone": "us-east-1a",
            "color": "red",
            "size": "10",
            "empty": "",
            "flag": None,
            r"team/a\b_c.d-1": "x",
        }
    )
    ec2_instance_id: str = "i-abc"
    registered_at: datetime = REGISTERED
    running_tasks_count: int = 1
    task_groups: tuple[str, ...] = ("service:production", "family:batch")


INSTANCE = Instance()


# ------------------------------------------------------------------------------------- random trees

COMPARISONS = {
    "==": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
OPPOSITES = {"!=": "==", "!in": "in", "!~": "=~", "!exists": "exists"}
SPELLINGS = {
    "==": ("==", " equals "),
    "!=": ("!=", " not_equals "),
    ">": (">", " greater_than "),
    ">=": (">=", " greater_than_equal "),
    "<": ("<", " less_than "),
    "<=": ("<=", " less_than_equal "),
    "=~": ("=~", " matches "),
    "!~": ("!~", " not_matches "),
    "in": (" in ", " in"),
    "!in": ("!in", " not_in "),
    "exists": (" exists",),
    "!exists": ("!exists", " not_exists"),
    "and": ("&&", " and "),
    "or": ("||", " or "),
    "not": ("!", " not "),
}
LEVELS = {"or": 0, "and": 1, "not": 2, "term": 3}
ORDERED, TEXTUAL = ("==", "!=", ">", ">=", "<", "<="), ("==", "!=", "in", "!in", "=~", "!~")
VERSIONS = ["1.9", "1.14.5", "1.14.10", "2", "1.105.1"]
DATES = ["2018-06-18T22:28:28+00:00", "2018-06-18T22:28:28Z", "2018-06-18T22:28:28", "2018-06-18"]
WORDS = ["red", "blue", "t2.small", "9", "10", "-1.5", "service:web", "a b", "(x)", "a,b", ""]
PATTERNS = ["red", "r.*", "red|blue", "(red|9)", r"\d+", "[a-z ]*", "t2.*"]
SUBJECTS = {
    "agentConnected": (TEXTUAL, ["true", "false"]),
    "agentVersion": (ORDERED, VERSIONS),
    "attribute:color": ((*TEXTUAL, ">", ">=", "<", "<=", "exists", "!exists"), WORDS),
    "attribute:x/y.z-1": ((*TEXTUAL, ">", ">=", "<", "<=", "exists", "!exists"), WORDS),
    "ec2InstanceId": (TEXTUAL, ["i-abc", "i-def"]),
    "registeredAt": (ORDERED, DATES),
    "runningTasksCount": (ORDERED, ["0", "1", "2", "10"]),
    "task:group": (TEXTUAL, WORDS),
}


@st.composite
def terms(draw):
    subject = draw(st.sampled_from(sorted(SUBJECTS)))
    symbols, arguments = SUBJECTS[subject]
    symbol = draw(st.sampled_from(symbols))
    if symbol.endswith("exists"):
        return "term", subject, symbol, []
    chosen = st.sampled_from(PATTERNS if "~" in symbol else arguments)
    most = 3 if symbol.endswith("in") else 1
    return "term", subject, symbol, draw(st.lists(chosen, min_size=1, max_size=most))


trees = st.recursive(
    terms(),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner, inner),
    ),
    max_leaves=6,
)
instances = st.builds(
    Instance,
    agent_connected=st.booleans(),
    agent_version=st.sampled_from(VERSIONS),
    attributes=st.dictionaries(
        st.sampled_from(["color", "x/y.z-1"]), st.none() | st.sampled_from(WORDS)
    ),
    ec2_instance_id=st.sampled_from(["i-abc", "i-def"]),
    registered_at=st.sampled_from([REGISTERED, REGISTERED - timedelta(days=1)]),
    running_tasks_count=st.integers(0, 10),
    task_groups=st.lists(st.sampled_from(WORDS), max_size=2),
)


# ---------------------------------------------------------------------------------------- as a text


def spelled(draw, tree, around=0):
    """Write a tree down, one way of many; *around* is the level of what is around it."""
    kind, *parts = tree
    if kind == "term":
        text = spelled_term(draw, *parts)
    elif kind == "not":
        text = draw(st.sampled_from(SPELLINGS["not"])) + spelled(draw, parts[0], LEVELS["not"])
    else:
        joint = blank(draw) + draw(st.sampled_from(SPELLINGS[kind])) + blank(draw)
        text = joint.join(spelled(draw, part, LEVELS[kind] + 1) for part in parts)
    if LEVELS[kind] < around or draw(st.integers(0, 5)) == 5:
        return f"({blank(draw)}{text}{blank(draw)})"
    return text


def spelled_term(draw, subject, symbol, arguments):
    start = subject + blank(draw) + draw(st.sampled_from(SPELLINGS[symbol])) + blank(draw)
    written = [spelled_argument(draw, argument, symbol) for argument in arguments]
    if symbol.endswith("in"):
        return f"{start}[{blank(draw)}{','.join(blank(draw) + each for each in written)}]"
    return start + "".join(written)


def spelled_argument(draw, argument, symbol):
    special = r"[\s()&]|^$" if "~" in symbol else r"[\s()\[\],&|]|^$"
    quotes = ['"', "'"] if re.search(special, argument) else ['"', "'", ""]
    quote = draw(st.sampled_from(quotes))
    return quote + argument + quote


def blank(draw):
    return draw(st.sampled_from(["", " ", "  \n"]))


# ------------------------------------------------------------------------------------ what it means


def holds(tree, instance):
    """Say directly whether a tree holds; the slow and plain way."""
    kind, *parts = tree
    if kind == "term":
        return term_holds(instance, *parts)
    if kind == "not":
        return not holds(parts[0], instance)
    return {"and": all, "or": any}[kind]([holds(part, instance) for part in parts])


def term_holds(instance, subject, symbol, arguments):
    is_attribute = subject.startswith("attribute:")
    if is_attribute and "exists" not in symbol and not values_of(instance, subject):
        return False  # an attribute that is absent is neither equal nor different
    if symbol in OPPOSITES:
        return not term_holds(instance, subject, OPPOSITES[symbol], arguments)
    values = values_of(instance, subject)
    if symbol == "exists":
        return values != []
    if symbol == "=~":
        return any(re.fullmatch(arguments[0], value) for value in values)
    if symbol == "in":
        return any(value == argument for value in values for argument in arguments)
    return any(compared(subject, symbol, value, arguments[0]) for value in values)


def values_of(instance, subject):
    if subject.startswith("attribute:"):
        name = subject.removeprefix("attribute:")
        return [instance.attributes[name] or ""] if name in instance.attributes else []
    return {
        "agentConnected": [str(instance.agent_connected).lower()],
        "agentVersion": [instance.agent_version],
        "ec2InstanceId": [instance.ec2_instance_id],
        "registeredAt": [instance.registered_at],
        "runningTasksCount": [instance.running_tasks_count],
        "task:group": list(instance.task_groups),
    }[subject]


def compared(subject, symbol, value, argument):
    compare = COMPARISONS[symbol]
    if subject == "agentVersion":
        return compare(*([int(part) for part in text.split(".")] for text in (value, argument)))
    if subject == "registeredAt":
        moment = REGISTERED if "T" in argument else datetime(2018, 6, 18, tzinfo=timezone.utc)
        return compare(value, moment)
    if subject == "runningTasksCount":
        return compare(value, int(argument))
    if symbol != "==" and value in {"9", "10", "-1.5"} and argument in {"9", "10", "-1.5"}:
        return compare(float(value), float(argument))
    return compare(value, argument)
