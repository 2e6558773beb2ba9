"""Floor 9: what the user holds: a world with its clock, journal, events, faults and clients."""

from __future__ import annotations

import threading
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from ecrmock import world as worlds
from ecrmock.clients import Clients
from ecrmock.core import env
from ecrmock.core.errors import UsageError
from ecrmock.gateway.pipeline import Gateway
from ecrmock.instances import Instances
from ecrmock.intercept import active, environment
from ecrmock.options import DEFAULT_REGION, Options
from ecrmock.roles import Iam
from ecrmock.serving import Serving
from ecrmock.steering import Checkpoint, Clock, Events, NotStarted, Snapshot
from ecrmock.tasks import Tasks

if TYPE_CHECKING:
    from pathlib import Path

    from ecrmock.gateway.faults import Faults
    from ecrmock.gateway.journal import Journal
    from ecrmock.images import Images

_CLOSED_PORT: Final = "http://127.0.0.1:9"


class Aws:
    """A world and the ways to look at it and to steer it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = Clock(self)
        self.events = Events(self)
        self.iam = Iam(self)
        self.instances = Instances(self)
        self.tasks = Tasks(self)
        self._clients = Clients()
        self._images: Images | None = None
        self.servers: list[Server] = []
        self._starting = threading.Lock()
        self._fill(self._new_world())
        self._mounted = active.Mounted(
            self,
            services=frozenset(options.services),
            passthrough=tuple(options.passthrough),
            sleeps=options.sleeps,
        )

    @property
    def calls(self) -> Journal:
        """What was asked and answered: `aws.calls[-1]`, `aws.calls("ecr.PutImage")`."""
        return self.gateway.journal

    @property
    def faults(self) -> Faults:
        """The errors and delays that were asked for: `aws.faults.add("ecr.PutImage", ...)`."""
        return self.gateway.faults

    @property
    def region_name(self) -> str:
        """The region of clients that name none."""
        if self.options.region_name is DEFAULT_REGION:
            return env.read("AWS_DEFAULT_REGION") or str(DEFAULT_REGION)
        return self.options.region_name

    @property
    def account_id(self) -> str:
        """The account of clients that name none."""
        return self.options.account_id

    def client(
        self,
        service_name: str,
        *,
        account_id: str | None = None,
        region_name: str | None = None,
        **options: Any,
    ) -> Any:
        """Make a botocore client whose calls this world answers, whichever mock is innermost.

        Args:
            service_name: for example `ecr`.
            account_id: whose administrator calls; by default the mock's own account.
            region_name: by default the mock's.
            options: what `botocore.session.Session.create_client` takes besides.

        Raises:
            NotStarted: the mock is not started, or has been stopped.
            UsageError: a region or account that is none.
        """
        if not self._mounted.is_open:
            raise NotStarted
        region = self.region_name if region_name is None else region_name
        client = self._clients.make(
            service_name, account_id=account_id, region_name=region, **options
        )
        if service_name in self.options.services:
            active.own(client, self._mounted)
        return client

    @property
    def images(self) -> Images:
        """Real images for tests: `aws.images.push("team/app", tag="v1")`, `aws.images.load`."""
        if self._images is None:
            from ecrmock.images import Images

            self._images = Images(self)
        return self._images

    def serve(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: bool = False,
        cert: str | Path | None = None,
        key: str | Path | None = None,
        uri_style: str = "localhost",
    ) -> Server:
        """Serve this world over HTTP too, until the mock or the server stops.

        The arguments and errors are those of `Server`.
        """
        return Server(
            host=host, port=port, tls=tls, cert=cert, key=key, uri_style=uri_style, aws=self
        ).start()

    def reset(self) -> None:
        """Begin anew: an empty world, an empty journal and no faults; who subscribed stays."""
        with self.gateway.lock:
            self.gateway.world = self._new_world()
            self.gateway.journal.clear()
            self.gateway.faults.clear()
            self.events.forget()

    def snapshot(self) -> Snapshot:
        """Return the state as it is now: resources, clock, timers, ids and events.

        The journal and the faults are not part of it.
        """
        with self.gateway.lock:
            return Snapshot(self.gateway.world.copy())

    def restore(self, saved: Snapshot) -> None:
        """Go back to a state; it can be restored as often as wanted."""
        if not isinstance(saved, Snapshot):
            raise UsageError(f"restore takes what snapshot returned, not {type(saved).__name__}")
        with self.gateway.lock:
            self.gateway.world = saved.world.copy()
            self.events.forget()

    def checkpoint(self) -> Checkpoint:
        """Return what `roll_back` goes back to; a decorated class takes one for its tests."""
        return Checkpoint(
            self.snapshot(), len(self.calls), self.faults.state(), self.events.subscribers()
        )

    def roll_back(self, to: Checkpoint) -> None:
        """Go back to a checkpoint, the journal, the faults and the subscribers included."""
        self.restore(to.snapshot)
        self.calls.rewind(to.calls)
        self.faults.restore(to.faults)
        self.events.subscribers(to.subscribers)

    def subprocess_env(self, *, server: bool = False) -> dict[str, str]:
        """Return the environment for a child process that must not reach AWS.

        It is the present environment with fake credentials, without profiles, and with an
        endpoint where nobody listens, so that every call fails at once.

        Args:
            server: let the child reach this world over HTTP instead; a server is started for it
                when there is none.
        """
        values = environment.wanted(self.region_name, replace_region=True)
        if server:
            values.update(AWS_ENDPOINT_URL=self._listen(), NO_PROXY="*")
        else:
            values.update(AWS_ENDPOINT_URL=_CLOSED_PORT, AWS_MAX_ATTEMPTS="1", NO_PROXY="*")
        merged = {**env.environ, **values}
        return {name: value for name, value in merged.items() if value is not None}

    def _new_world(self) -> worlds.World:
        options = self.options
        return worlds.make(
            account_id=options.account_id,
            mode=options.time,
            now=options.now,
            seed=options.seed,
            strict=options.strict,
            rate=options.rate,
        )

    def _fill(self, world: worlds.World) -> None:
        """Begin anew with *world*."""
        self.gateway = Gateway(world, page_size=self.options.page_size)
        self.gateway.after_call = self.events.tell
        self.gateway.listen = self._listen
        self.events.forget()

    def _listen(self) -> str:
        """Return the URL of a server on this world; one is started when there is none."""
        with self._starting:
            server = next((s for s in self.servers if s.is_running), None)
            return (server or self.serve()).url

    def _close_servers(self) -> None:
        for server in list(self.servers):
            server.stop()


class Server(Serving):
    """A world over HTTP on a thread of this process: the API, the registry, layers and control.

        with Server(region_name="eu-west-1") as server:
            subprocess.run(["skopeo", "copy", ..., f"docker://{server.host}/app:v1"])

    Args:
        host: the address to listen on; this machine alone by default.
        port: 0 for one that is free.
        tls: serve HTTPS with a certificate made for the occasion; trust `ca_path`.
        cert: serve HTTPS with this certificate, a PEM file.
        key: its private key, a PEM file.
        uri_style: how repositories are named: `localhost`, by the host under which the caller
            reaches the server, or `aws`, as AWS does.
        aws: the mock whose world is served; without one, the server has a world of its own.
        options: those of `mock_aws`, for a world of its own.

    Raises:
        PortNotFree: when it starts and the port is taken.
        UsageError: options that cannot be.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: bool = False,
        cert: str | Path | None = None,
        key: str | Path | None = None,
        uri_style: str = "localhost",
        aws: Aws | None = None,
        **options: Any,
    ) -> None:
        if aws is not None and options:
            raise UsageError(f"give aws or options of a world of its own, not both: {options}")
        super().__init__(
            Aws(_options(**options)) if aws is None else aws,
            address=host,
            port=port,
            tls=tls,
            cert=cert,
            key=key,
            uri_style=uri_style,
        )


def _options(**options: Any) -> Options:
    """Check options that came as keyword arguments.

    Raises:
        UsageError: an option that does not exist, or has a value that it cannot have.
    """
    accepted = [field.name for field in fields(Options)]
    unknown = [name for name in options if name not in accepted]
    if unknown:
        raise UsageError(f"there is no option {unknown[0]!r}; there are {', '.join(accepted)}")
    return Options(**options)
