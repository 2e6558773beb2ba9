"""Where the URLs of GetDownloadUrlForLayer lead: a listener on the loopback interface.

It starts with the first URL that is asked for. A URL is signed, and expires after an hour of the
mock's clock. Source: ECR API reference, GetDownloadUrlForLayer.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from ecrmock.core.ids import process_secret

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer
    from werkzeug.wrappers import Request, Response

    from ecrmock.gateway.pipeline import Gateway

_LIFE_SECONDS: Final = 3600
_JOIN_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.01
"""How long the listener may take to notice that it is to stop."""


class Downloads:
    """The listener of one world."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._secret = process_secret()
        self._lock = threading.Lock()
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    def url_for(self, digest: str) -> str:
        """Return a URL for the bytes of *digest*, good for an hour."""
        expires = str(self._gateway.world.core.clock.now_ms // 1000 + _LIFE_SECONDS)
        query = {"X-Amz-Expires": expires, "X-Amz-Signature": self._sign(digest, expires)}
        return f"http://127.0.0.1:{self._port()}/{digest}?{urlencode(query)}"

    def close(self) -> None:
        """Stop listening."""
        with self._lock:
            server, thread = self._server, self._thread
            self._server = self._thread = None
        if server is not None and thread is not None:
            server.shutdown()
            thread.join(_JOIN_SECONDS)
            server.server_close()

    def _port(self) -> int:
        with self._lock:
            if self._server is None:
                from werkzeug.serving import WSGIRequestHandler, make_server
                from werkzeug.wrappers import Request

                class Quiet(WSGIRequestHandler):
                    """Handles requests without a line of log for each."""

                    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                        """Say nothing."""

                self._server = make_server(
                    "127.0.0.1",
                    0,
                    Request.application(self._answer),
                    threaded=True,
                    request_handler=Quiet,
                )
                self._thread = threading.Thread(
                    target=self._server.serve_forever,
                    kwargs={"poll_interval": _POLL_SECONDS},
                    name="ecrmock-downloads",
                    daemon=True,
                )
                self._thread.start()
            return self._server.port

    def _answer(self, request: Request) -> Response:
        """Give the bytes, or refuse as Amazon S3 does."""
        from werkzeug.wrappers import Response

        digest = request.path[1:]
        expires = request.args.get("X-Amz-Expires", "")
        signature = request.args.get("X-Amz-Signature", "")
        if request.method not in ("GET", "HEAD"):
            return Response("MethodNotAllowed", 405)
        if not hmac.compare_digest(self._sign(digest, expires).encode(), signature.encode()):
            return Response("SignatureDoesNotMatch", 403)
        with self._gateway.lock:
            core = self._gateway.world.core
            if core.clock.now_ms // 1000 >= int(expires):
                return Response("AccessDenied: Request has expired", 403)
            if digest not in core.blobs:
                return Response("NoSuchKey", 404)
            blob = core.blobs.get(digest)
        headers = {"Content-Length": str(blob.size), "Content-Type": "application/octet-stream"}
        return Response(blob.chunks(), 200, headers, direct_passthrough=True)

    def _sign(self, digest: str, expires: str) -> str:
        message = f"{digest}\n{expires}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()
