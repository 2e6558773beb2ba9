"""Rules on network modes and ports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ecrmock.ecs.task_rules.rule import Breaches, Draft, Json, Rules, one_if

RULES: Final = Rules()

MAX_PORT: Final = 65_535
_RANGE: Final = re.compile(r"([0-9]{1,5})-([0-9]{1,5})")
_SAME_PORTS: Final = ("awsvpc", "host")


@RULES.add("Links are not supported when networkMode=awsvpc.")
def no_links(draft: Draft) -> Breaches:
    """Judge links in awsvpc mode."""
    return _in_awsvpc(draft, "links")


@RULES.add("hostname is not supported on container when networkMode=awsvpc.")
def no_hostname(draft: Draft) -> Breaches:
    """Judge host names in awsvpc mode."""
    return _in_awsvpc(draft, "hostname")


@RULES.add("Extra hosts are not supported on container when networkMode=awsvpc.")
def no_extra_hosts(draft: Draft) -> Breaches:
    """Judge extra hosts in awsvpc mode."""
    return _in_awsvpc(draft, "extraHosts")


@RULES.add("DNS servers are not supported on container when networkMode=awsvpc.")
def no_dns_servers(draft: Draft) -> Breaches:
    """Judge DNS servers in awsvpc mode."""
    return _in_awsvpc(draft, "dnsServers")


@RULES.add("DNS search domains are not supported on container when networkMode=awsvpc.")
def no_dns_search_domains(draft: Draft) -> Breaches:
    """Judge DNS search domains in awsvpc mode. Assumed: the text."""
    return _in_awsvpc(draft, "dnsSearchDomains")


@RULES.add("Disable Networking is not supported on container when networkMode=awsvpc.")
def networking_is_not_disabled(draft: Draft) -> Breaches:
    """Judge disabled networking in awsvpc mode."""
    return _in_awsvpc(draft, "disableNetworking")


def _in_awsvpc(draft: Draft, member: str) -> Breaches:
    return one_if(draft.is_awsvpc and any(draft.having(member)))


@RULES.add("Links are only supported when networkMode=bridge.")
def links_are_for_bridges(draft: Draft) -> Breaches:
    """Judge links in the other modes. Assumed: the text."""
    return one_if(draft.network_mode in ("host", "none") and any(draft.having("links")))


@RULES.add("Port mappings are not supported when networkMode=none.")
def without_a_network_there_are_no_ports(draft: Draft) -> Breaches:
    """Judge ports without a network. Assumed: the text."""
    return one_if(draft.network_mode == "none" and any(draft.having("portMappings")))


@RULES.add(
    "Invalid port mapping for container '{name}', cannot specify both single port and port range."
)
def mappings_are_of_one_kind(draft: Draft) -> Breaches:
    """Judge ports against ranges."""
    for container, entry in draft.listed("portMappings"):
        if entry.get("containerPortRange") and (
            entry.get("containerPort") or entry.get("hostPort")
        ):
            yield {"name": container["name"]}


@RULES.add("Invalid 'containerPortRange' setting for container '{name}'.")
def ranges_are_well_formed(draft: Draft) -> Breaches:
    """Judge the ends of a range."""
    for container, entry in draft.listed("portMappings"):
        text = entry.get("containerPortRange")
        if text is not None and not _is_range(text):
            yield {"name": container["name"]}


def _is_range(text: str) -> bool:
    found = _RANGE.fullmatch(text)
    return found is not None and 0 < int(found[1]) < int(found[2]) <= MAX_PORT


@RULES.add("Invalid '{member}' setting for container '{name}'.")
def ports_are_in_range(draft: Draft) -> Breaches:
    """Judge port numbers. Assumed: the text, after that for ranges."""
    for container, entry in draft.listed("portMappings"):
        if (
            not entry.get("containerPortRange")
            and not 1 <= entry.get("containerPort", 0) <= MAX_PORT
        ):
            yield {"member": "containerPort", "name": container["name"]}
        if not 0 <= entry.get("hostPort", 0) <= MAX_PORT:
            yield {"member": "hostPort", "name": container["name"]}


@RULES.add(
    "When networkMode={mode}, the host ports and container ports in port mappings must match."
)
def ports_match(draft: Draft) -> Breaches:
    """Judge host ports where the container has the host's network or its own interface."""
    if draft.network_mode in _SAME_PORTS:
        for entry in _single_ports(draft):
            if entry.get("hostPort") and entry["hostPort"] != entry["containerPort"]:
                yield {"mode": draft.network_mode}


@RULES.add(
    "{protocol} container port '{port}' is used multiple times in task when networkMode=awsvpc."
)
def ports_are_used_once(draft: Draft) -> Breaches:
    """Judge ports on one interface."""
    if not draft.is_awsvpc:
        return
    seen = set()
    for entry in _single_ports(draft):
        used = (entry.get("protocol", "tcp").upper(), entry["containerPort"])
        if used in seen:
            yield {"protocol": used[0], "port": used[1]}
        seen.add(used)


@RULES.add("When networkMode=awsvpc, port mapping name is already used")
def port_names_are_unique(draft: Draft) -> Breaches:
    """Judge the names of ports."""
    names = [entry["name"] for _, entry in draft.listed("portMappings") if entry.get("name")]
    return one_if(draft.is_awsvpc and len(set(names)) < len(names))


def _single_ports(draft: Draft) -> Iterator[Json]:
    return (entry for _, entry in draft.listed("portMappings") if entry.get("containerPort"))
