"""Certificates for a server that has the names of AWS: given, or made for the occasion."""

from __future__ import annotations

import shutil
import ssl
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ecrmock.core.errors import UsageError
from ecrmock.wire import models

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMES = ("localhost", "127.0.0.1", "::1", "*.localhost", "*.amazonaws.com")
_BY_REGION = ("*.dkr.ecr.{}.amazonaws.com", "*.ecr.{}.amazonaws.com", "*.{}.amazonaws.com")


@dataclass(frozen=True)
class Certificate:
    """Files in PEM: the certificate with its chain, its key, and the authority to trust.

    Attributes:
        cert: the certificate.
        key: its private key.
        authority: the certificate of the authority; None for a certificate that was given.
    """

    cert: Path
    key: Path
    authority: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Return what Python's own sockets need to serve with it.

        Raises:
            UsageError: the files are no certificate and key.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.cert, self.key)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"{self.cert} and {self.key} cannot be used: {error}") from None
        return context


def choose(*, tls: bool, cert: str | Path | None, key: str | Path | None) -> Certificate | None:
    """Return the certificate that a server's options ask for; None for plain HTTP.

    Raises:
        UsageError: the options contradict each other, or trustme is not installed.
    """
    if (cert is None) != (key is None):
        raise UsageError("give cert and key together")
    if cert is not None and key is not None:
        if tls:
            raise UsageError("give tls for a certificate made for the occasion, or cert and key")
        return Certificate(Path(cert), Path(key))
    return make(models.regions()) if tls else None


def make(regions: Iterable[str]) -> Certificate:
    """Make an authority and a certificate by it, for this machine and the names of AWS.

    The files are in a folder of their own, which goes away with the certificate.

    Raises:
        UsageError: trustme, of the extra `server`, is not installed.
    """
    try:
        import trustme
    except ImportError:
        raise UsageError("tls needs the extra 'server': pip install 'ecrmock[server]'") from None
    authority = trustme.CA()
    names = [name.format(region) for region in sorted(regions) for name in _BY_REGION]
    issued = authority.issue_cert(*_NAMES, *names)
    folder = Path(tempfile.mkdtemp(prefix="ecrmock-tls-"))
    made = Certificate(folder / "cert.pem", folder / "key.pem", folder / "ca.pem")
    for at, pem in enumerate(issued.cert_chain_pems):
        pem.write_to_path(str(made.cert), append=at > 0)
    issued.private_key_pem.write_to_path(str(made.key))
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    weakref.finalize(made, shutil.rmtree, folder, ignore_errors=True)
    return made
