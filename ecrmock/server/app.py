"""One WSGI application for everyone: the API at `/`, the registry at `/v2/`, layers, and control.

What goes wrong in ecrmock itself, or in a function of the user, is no error of AWS: it is answered
with 500, kept, and raised again by `Server.check`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from werkzeug.wrappers import Request, Response

from ecrmock.core import hosts
from ecrmock.core.errors import NotModelled, UsageError
from ecrmock.ecr.downloads import PATH as LAYER_PATH
from ecrmock.registry import errors, routes
from ecrmock.server import URI_STYLES, api, control, downloads

if TYPE_CHECKING:
    from ecrmock.server.control import Steered

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

_HOST: Final = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
_PHRASES: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class Application:
    """Answers for one world.

    Args:
        steered: what holds the world.
        uri_style: how repositories are named: `aws`, as AWS does, or `localhost`, by the host
            under which the caller reaches this server.
        report: is told what goes wrong, besides.

    Raises:
        UsageError: there is no such style.
    """

    def __init__(
        self,
        steered: Steered,
        *,
        uri_style: str,
        report: Callable[[Exception], object] | None = None,
    ) -> None:
        if uri_style not in URI_STYLES:
            raise UsageError(f"uri_style is {uri_style!r}; give one of {', '.join(URI_STYLES)}")
        self._uri_style = uri_style
        self._report = report
        self.steer(steered)

    def steer(self, steered: Steered) -> None:
        """Answer for the world of *steered* from now on."""
        self._steered = steered
        self._control = control.Control(steered)
        self.failures: list[Exception] = []

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            if environ["PATH_INFO"] == "/":
                reply = self._api(environ)
                headers = [*reply.headers.items(), ("content-length", str(len(reply.body)))]
                start_response(_PHRASES[reply.status], headers)
                return [reply.body]
            response = self._answer(Request(environ))
        except Exception as error:  # noqa: BLE001 - kept, and raised by `check`
            self.failures.append(error)
            if self._report is not None:
                self._report(error)
            response = _broken(error)
        return response(environ, start_response)

    def _api(self, environ: Environ) -> api.Reply:
        base_url = _base_url(environ)
        uri_host = None
        if self._uri_style == "localhost" and not hosts.parse(environ.get("HTTP_HOST", "")).is_aws:
            uri_host = base_url.partition("://")[2]
        return api.answer(self._steered.gateway, environ, base_url, uri_host)

    def _answer(self, request: Request) -> Response:
        path = request.path
        if path == "/v2" or path.startswith("/v2/"):
            return self._registry(request)
        if path.startswith(control.PREFIX):
            return self._control.answer(request)
        if LAYER_PATH.match(path):
            return downloads.answer(self._steered.gateway, request)
        return errors.not_found()

    def _registry(self, request: Request) -> Response:
        try:
            return routes.answer(self._steered.gateway, request, _base_url(request.environ))
        except NotModelled as error:
            return errors.respond(errors.Problem(501, "UNSUPPORTED"), str(error))


def _base_url(environ: Environ) -> str:
    """Return the URL under which the caller reaches this server."""
    return _url(
        environ["wsgi.url_scheme"],
        environ.get("HTTP_HOST", ""),
        environ["SERVER_NAME"],
        environ["SERVER_PORT"],
    )


@lru_cache(maxsize=64)
def _url(scheme: str, host: str, name: str, port: str) -> str:
    if _HOST.fullmatch(host) is None:
        host = f"{name}:{port}"
    return f"{scheme}://{host}"


def _broken(error: Exception) -> Response:
    text = f"{type(error).__name__}: {error}. This is no answer of AWS, but a fault."
    body = json.dumps({"__type": "InternalFailure", "message": text})
    return Response(body, 500, content_type=errors.JSON)
