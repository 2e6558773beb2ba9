"""Row 6: a layer of one gibibyte over HTTP, and how much memory it takes."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from benchmarks import api, processes
from benchmarks.measure import Line, Missing, Party, Weight, compare, paired, timed
from benchmarks.wire import HOST, PIECE, Connection, Reply, as_chunk

ROUNDS = 5
PIECES = 1024
SIZE = PIECES * PIECE
REPOSITORY = "app"
OURS, PEER = "ecrmock", "docker-registry"
MEMORY_LIMIT = 200 << 20

_JSON = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_SETTINGS = """
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: {folder}}}
  maintenance: {{uploadpurging: {{enabled: false}}}}
http: {{addr: "{host}:{port}"}}
"""


class Content:
    """Layers that differ in their last piece, so that each has a digest of its own."""

    def __init__(self) -> None:
        self._piece = os.urandom(PIECE)
        self._chunk = as_chunk(self._piece)
        self._hash = hashlib.sha256()
        for _ in range(PIECES - 1):
            self._hash.update(self._piece)
        self._number = itertools.count()

    def make(self) -> tuple[str, Callable[[], Iterator[bytes]]]:
        """Return the digest of a new layer, and what walks its chunks."""
        last = next(self._number).to_bytes(8, "big") + self._piece[8:]
        whole = self._hash.copy()
        whole.update(last)
        chunks = itertools.repeat(self._chunk, PIECES - 1)
        return f"sha256:{whole.hexdigest()}", lambda: itertools.chain(chunks, [as_chunk(last)])


class Registry:
    """A registry that runs, and what is done to it.

    Args:
        port: where it listens.
        content: what makes layers.
        empty: throws away all that it holds, makes the repository and returns the headers that
            each request needs.
    """

    def __init__(self, port: int, content: Content, empty: Callable[[], dict[str, str]]) -> None:
        self._port = port
        self._content = content
        self._empty = empty
        self._headers = empty()
        self._digest = ""

    def push(self) -> float:
        """Time the push of a new layer, which is thrown away afterwards."""
        seconds = self._push()
        self._headers = self._empty()
        return seconds

    def fill(self) -> None:
        """Push what `pull` gets: a layer, and an image that refers to it."""
        self._push()
        config = b"{}"
        config_digest = f"sha256:{hashlib.sha256(config).hexdigest()}"
        self._upload(config_digest, lambda: iter([as_chunk(config)]))
        manifest = {
            "schemaVersion": 2,
            "mediaType": _JSON,
            "config": {"mediaType": _CONFIG, "digest": config_digest, "size": len(config)},
            "layers": [{"mediaType": _LAYER, "digest": self._digest, "size": SIZE}],
        }
        headers = {**self._headers, "Content-Type": _JSON}
        with Connection(self._port) as connection:
            target = f"/v2/{REPOSITORY}/manifests/v1"
            body = json.dumps(manifest).encode()
            _expect(connection.ask("PUT", target, headers, body), 201)

    def pull(self) -> float:
        """Time the pull of the layer, to where the registry sends us."""
        return timed(self._pull)

    def _push(self) -> float:
        self._digest, chunks = self._content.make()
        return timed(lambda: self._upload(self._digest, chunks))

    def _upload(self, digest: str, chunks: Callable[[], Iterator[bytes]]) -> None:
        headers = self._headers
        with Connection(self._port) as connection:
            started = connection.ask("POST", f"/v2/{REPOSITORY}/blobs/uploads/", headers)
            where = _location(_expect(started, 202))
            bytes_follow = {**headers, "Content-Type": "application/octet-stream"}
            sent = connection.stream("PATCH", where, bytes_follow, chunks())
            where = _location(_expect(sent, 202))
            where += f"{'&' if '?' in where else '?'}digest={digest}"
            _expect(connection.ask("PUT", where, headers), 201)

    def _pull(self) -> None:
        with Connection(self._port) as connection:
            target, headers = f"/v2/{REPOSITORY}/blobs/{self._digest}", self._headers
            reply = connection.drain(target, headers)
            if reply.status == 307:
                reply = connection.drain(_location(reply), {})
        if _expect(reply, 200).size != SIZE:
            raise ConnectionError(f"{reply.size} bytes instead of {SIZE}")


def _expect(reply: Reply, status: int) -> Reply:
    if reply.status != status:
        raise ConnectionError(f"not {status}: {reply.head!r} {reply.body!r}")
    return reply


def _location(reply: Reply) -> str:
    """Return the path and query of where a reply leads to, which is always the same server."""
    where = reply.header("location")
    return "/" + where.split("/", 3)[3] if where.startswith("http") else where


@contextmanager
def _ecrmock(content: Content) -> Iterator[tuple[int, Registry]]:
    with processes.ecrmock() as (pid, port):

        def empty() -> dict[str, str]:
            with Connection(port) as connection:
                _expect(connection.ask("POST", "/_ecrmock/reset", {}), 200)
            api.call(port, "CreateRepository", repositoryName=REPOSITORY)
            found = api.call(port, "GetAuthorizationToken")["authorizationData"][0]
            return {"Authorization": f"Basic {found['authorizationToken']}"}

        yield pid, Registry(port, content, empty)


@contextmanager
def _docker_registry(content: Content) -> Iterator[tuple[int, Registry]]:
    port = processes.free_port()
    with tempfile.TemporaryDirectory() as folder:
        storage = Path(folder, "storage")

        def empty() -> dict[str, str]:
            shutil.rmtree(storage, ignore_errors=True)
            return {}

        settings = Path(folder, "config.yml")
        text = _SETTINGS.format(folder=storage, host=HOST, port=port)
        settings.write_text(text, encoding="utf-8")
        with processes.running([PEER, "serve", str(settings)], port) as pid:
            yield pid, Registry(port, content, empty)


def large_layer() -> list[Line]:
    """Let the registries take turns: pushes first, then pulls of what was pushed last."""
    content = Content()
    registries: dict[str, Registry] = {}
    pids: dict[str, int] = {}
    with ExitStack() as stack:
        for name, start in ((OURS, _ecrmock), (PEER, _docker_registry)):
            with suppress(processes.Absent):
                pids[name], registries[name] = stack.enter_context(start(content))
        pushes: dict[str, Party] = {name: each.push for name, each in registries.items()}
        pulls: dict[str, Party] = {name: each.pull for name, each in registries.items()}
        push_times = paired(pushes, ROUNDS)
        for each in registries.values():
            each.fill()
        pull_times = paired(pulls, ROUNDS)
        peaks = {name: processes.peak_bytes(pid) for name, pid in pids.items()}
    what = "a layer of 1 GiB over HTTP"
    lines: list[Line] = []
    for times, verb, target in ((push_times, "push", 1.5), (pull_times, "pull", 0.8)):
        row = f"{what}, {verb}"
        if PEER in times:
            lines.append(compare(row, times, OURS, PEER, at_least=target, shown=_rate))
        else:
            lines.append(Missing(row, PEER))
    memory = Weight(f"{what}, peak memory", peaks[OURS], MEMORY_LIMIT, PEER, peaks.get(PEER))
    return [*lines, memory]


def _rate(seconds: float) -> str:
    return f"{SIZE / seconds / (1 << 20):7.0f} MiB/s"
