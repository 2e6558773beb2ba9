"""Names of repositories and tags as a user gives them, with or without the host of a registry.

Source: ECR service model, ImageTag.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from ecrmock.core import arn, hosts
from ecrmock.core.errors import UsageError
from ecrmock.options import check_account, check_region
from ecrmock.wire import constraints, models

_TAG: Final = re.compile(r"[a-zA-Z0-9-_.]{1,300}")
_HOST_MARK: Final = ".dkr.ecr"


class Registry(NamedTuple):
    """An account in a region."""

    account_id: str
    region_name: str


class Place(NamedTuple):
    """A repository of a registry; neither need be there."""

    account_id: str
    region_name: str
    name: str


def split_tag(reference: object) -> tuple[str, str | None]:
    """Return the repository and the tag of a reference.

    Raises:
        UsageError: it is none, or names a digest.
    """
    accepted = "give 'team/app:v1', or 'team/app' for an untagged image"
    if not isinstance(reference, str):
        raise UsageError(f"reference is {reference!r}; {accepted}")
    if "@" in reference:
        text = "with a digest, which follows from the image alone"
        raise UsageError(f"reference is {reference!r}, {text}; {accepted}")
    path, slash, last = reference.rpartition("/")
    name, colon, tag = last.partition(":")
    if colon and not tag:
        raise UsageError(f"reference is {reference!r}, with an empty tag; {accepted}")
    return f"{path}{slash}{name}", tag or None


def read_tags(tag: object) -> tuple[str, ...]:
    """Return the tags that were given, each once.

    Raises:
        UsageError: one cannot be a tag.
    """
    given = (tag,) if isinstance(tag, str) else () if tag is None else tag
    if not isinstance(given, Sequence) or isinstance(given, (bytes, bytearray)):
        raise UsageError(f"tag is {tag!r}; give a tag, a list of tags, or None for no tag")
    for each in given:
        if not isinstance(each, str) or _TAG.fullmatch(each) is None:
            raise UsageError(
                f"tag is {each!r}; give 1 to 300 letters, digits, '-', '_' and '.', such as 'v1.0'"
            )
    return tuple(dict.fromkeys(given))


def find_place(name: object, account_id: object, region_name: object, default: Registry) -> Place:
    """Find out which repository is meant.

    Args:
        name: of the repository; may begin with the host of a registry, as a repositoryUri does.
        account_id: an account that was asked for, or None.
        region_name: a region that was asked for, or None.
        default: what counts where nothing else does.

    Raises:
        UsageError: name, account or region cannot be one, or they contradict each other.
    """
    host, named, rest = _split_host(name)
    wanted = Registry(
        _choose("account_id", account_id, named and named.account_id, default.account_id),
        _choose("region_name", region_name, named and named.region_name, default.region_name),
    )
    check_account(wanted.account_id)
    check_region(wanted.region_name)
    if host and not host.endswith(f".{wanted.region_name}.{arn.dns_suffix(wanted.region_name)}"):
        raise _refuse(name)
    return Place(*wanted, rest)


def _split_host(name: object) -> tuple[str, Registry | None, str]:
    """Return the host, what it names, and the name of the repository."""
    if not isinstance(name, str):
        raise _refuse(name)
    host, _, rest = name.partition("/")
    named = None
    if _HOST_MARK in host:
        place = hosts.parse(host)
        if place.account_id is None or place.region is None:
            raise _refuse(name)
        named = Registry(place.account_id, place.region)
    else:
        host, rest = "", name
    shape = models.load("ecr").shapes["RepositoryName"]
    is_name = constraints.expression(shape["pattern"]).fullmatch(rest) is not None
    if not is_name or not shape["min"] <= len(rest) <= shape["max"]:
        raise _refuse(name)
    return host, named, rest


def _choose(option: str, given: object, named: str | None, default: str) -> str:
    """Return what was asked for, or what the host names, or the default."""
    if given is None:
        return named or default
    if named is not None and given != named:
        raise UsageError(f"{option} is {given!r}, but the repository's host names {named!r}")
    return given  # type: ignore[return-value]  # checked by the caller, whatever it is


def _refuse(name: object) -> UsageError:
    return UsageError(
        f"the repository is {name!r}; give a name of 2 to 256 lower-case letters, digits, '.', '_' "
        f"and '-', with '/' between its parts, such as 'team/app', or a repositoryUri such as "
        f"'123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app'"
    )
