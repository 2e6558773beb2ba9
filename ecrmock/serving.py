"""Floor 9: a world over HTTP: starting and stopping, and what its user asks of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from ecrmock import login
from ecrmock.clients import Clients
from ecrmock.intercept import active
from ecrmock.options import check_account
from ecrmock.steering import NotStarted

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from ecrmock.gateway.pipeline import Gateway
    from ecrmock.login import Login
    from ecrmock.server.control import Steered
    from ecrmock.server.listener import Listener

    class Served(Steered, Protocol):
        """A mock whose world can be served."""

        servers: list[Any]

        @property
        def account_id(self) -> str:
            """The account of clients that name none."""

        @property
        def region_name(self) -> str:
            """The region of clients that name none."""


def _nothing() -> None:
    """Stop nothing: the clock of the world needs no ticker."""


class Serving:
    """A server on a thread of this process; see `ecrmock.Server`."""

    def __init__(
        self,
        aws: Served,
        *,
        address: str,
        port: int,
        tls: bool,
        cert: str | Path | None,
        key: str | Path | None,
        uri_style: str,
    ) -> None:
        from ecrmock.server import certificates  # werkzeug is loaded with the first server
        from ecrmock.server.app import Application

        self.aws: Any = aws
        self._address, self._port = address, port
        self._certificate = certificates.choose(tls=tls, cert=cert, key=key)
        self._application = Application(aws, uri_style=uri_style)
        self._listener: Listener | None = None
        self._clients = Clients()
        self._stop_ticking: Callable[[], None] = _nothing

    @property
    def gateway(self) -> Gateway:
        """The way into the world that is served."""
        return self.aws.gateway  # type: ignore[no-any-return]

    @property
    def is_running(self) -> bool:
        """Whether it listens."""
        return self._listener is not None

    @property
    def port(self) -> int:
        """Where it listens.

        Raises:
            NotStarted: it does not.
        """
        if self._listener is None:
            raise NotStarted
        return self._listener.port

    @property
    def host(self) -> str:
        """Address and port, as they stand before the name of an image."""
        from ecrmock.server.listener import authority

        return authority(self._address, self.port)

    @property
    def url(self) -> str:
        """What `AWS_ENDPOINT_URL` or `endpoint_url` is set to."""
        return f"{'http' if self._certificate is None else 'https'}://{self.host}"

    @property
    def ca_path(self) -> str | None:
        """The authority to trust, a PEM file; None without `tls`."""
        certificate = self._certificate
        return str(certificate.authority) if certificate and certificate.authority else None

    def start(self) -> Self:
        """Listen, and return the server itself. Started again, it goes on."""
        from ecrmock.server.listener import Listener

        if self._listener is None:
            self._listener = Listener(
                self._application, self._address, self._port, self._certificate
            )
            active.served_ports.add(self.port)
            self.aws.servers.append(self)
            if self.aws.gateway.world.core.clock.mode == "real":
                from ecrmock.server import ticker

                self._stop_ticking = ticker.start(self).set  # by the world that is served then
        return self

    def stop(self) -> None:
        """Stop listening; a server that does not listen is passed over."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
            self._stop_ticking()
            active.served_ports.discard(listener.port)
            if self in self.aws.servers:
                self.aws.servers.remove(self)

    def check(self) -> None:
        """Raise what went wrong in ecrmock, or in a function of yours, while it served."""
        failures, self._application.failures = self._application.failures, []
        if failures:
            raise failures[0]

    def reset(self) -> None:
        """Begin anew with an empty world."""
        self.aws.reset()

    def show(self, aws: Served) -> None:
        """Serve the world of another mock from now on."""
        self.aws = aws
        self._application.steer(aws)

    def client(self, service_name: str, *, account_id: str | None = None, **options: Any) -> Any:
        """Make a botocore client that calls this server over HTTP.

        Args:
            service_name: for example `ecr`.
            account_id: whose administrator calls; by default that of the world's own account.
            options: what `botocore.session.Session.create_client` takes besides.

        Raises:
            NotStarted: the server does not listen.
            UsageError: a region or account that is none.
        """
        settings = {
            "region_name": self.aws.region_name,
            "endpoint_url": self.url,
            "verify": self.ca_path,
            **options,
        }
        return self._clients.make(service_name, account_id=account_id, **settings)

    def login(self, folder: Path, *, account_id: str | None = None) -> Login:
        """Write a login to the registry into *folder*, for skopeo, docker and their like.

        Args:
            folder: one that is there.
            account_id: whose administrator logs in; by default that of the world's own account.

        Raises:
            NotStarted: the server does not listen.
            UsageError: an account that is none.
        """
        if account_id is not None:
            check_account(account_id)
        return login.write(
            self.aws.gateway,
            self.host,
            folder,
            account_id=account_id or self.aws.account_id,
            region=self.aws.region_name,
        )

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, and raise what `check` does unless something is raised already."""
        self.stop()
        if error is None:
            self.check()
