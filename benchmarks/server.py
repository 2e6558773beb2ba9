"""Row 5: calls of the JSON API over HTTP, from eight connections at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from benchmarks import api, processes, wire
from benchmarks.measure import Line, Missing, Party, compare, paired

ROUNDS = 9
TURN_SECONDS = 1.0
CONNECTIONS = 8
BODY = json.dumps({"repositoryNames": ["app"]}).encode()

OURS = "ecrmock"
TARGETS = {"ministack": 3.0, "moto_server": 15.0}


@contextmanager
def _ministack() -> Iterator[int]:
    port = processes.free_port()
    with processes.running(
        [str(processes.PEERS / "python"), "-m", "ministack"],
        port,
        BIND_HOST=wire.HOST,
        GATEWAY_PORT=str(port),
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
    ):
        yield port


@contextmanager
def _moto_server() -> Iterator[int]:
    port = processes.free_port()
    command = [str(processes.PEERS / "moto_server"), "-H", wire.HOST, "-p", str(port)]
    with processes.running(command, port):
        yield port


@contextmanager
def _ecrmock() -> Iterator[int]:
    with processes.ecrmock() as (_, port):
        yield port


SERVERS = {OURS: _ecrmock, "ministack": _ministack, "moto_server": _moto_server}


def _party(port: int, signed: dict[str, str]) -> Party:
    """Make the repository, and return what takes turns: a second of calls."""
    api.call(port, "CreateRepository", repositoryName="app")
    found = api.call(port, "DescribeRepositories", repositoryNames=["app"])
    assert [one["repositoryName"] for one in found["repositories"]] == ["app"]
    request = wire.prepare("POST", "/", port, signed, BODY)
    return lambda: wire.seconds_per_call(
        port, request, connections=CONNECTIONS, seconds=TURN_SECONDS
    )


def many_calls() -> list[Line]:
    """Let the servers take turns; all get the same signature, made once."""
    what = f"a call over HTTP, {CONNECTIONS} connections"
    signed = api.headers("DescribeRepositories", BODY)
    parties: dict[str, Party] = {}
    with ExitStack() as stack:
        for name, start in SERVERS.items():
            with suppress(processes.Absent):
                parties[name] = _party(stack.enter_context(start()), signed)
        times = paired(parties, ROUNDS)
    return [
        compare(what, times, OURS, peer, at_least=target, shown=_rate)
        if peer in times
        else Missing(what, peer)
        for peer, target in TARGETS.items()
    ]


def _rate(seconds: float) -> str:
    return f"{1 / seconds:7.0f} calls/s"
