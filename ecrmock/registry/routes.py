"""The paths of the registry: which function answers which request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from werkzeug.wrappers import Response

from ecrmock.core.errors import UnknownOperationException
from ecrmock.registry import auth, blobs, errors, lists, manifests
from ecrmock.registry.door import Refused, Visit

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from ecrmock.gateway.pipeline import Gateway

Answer = Callable[..., Response]

_NAME: Final = r"(?P<name>.+)"
_REFERENCE: Final = r"(?P<reference>[^/]+)"


def _root(_visit: Visit) -> Response:
    """Say that the registry is there, and takes the caller's credentials."""
    return Response("{}", 200, content_type=errors.JSON)


_ROUTES: Final[tuple[tuple[re.Pattern[str], dict[str, Answer]], ...]] = (
    (re.compile(r"/v2/?"), {"GET": _root, "HEAD": _root}),
    (re.compile(r"/v2/_catalog"), {"GET": lists.repositories}),
    (re.compile(rf"/v2/{_NAME}/tags/list"), {"GET": lists.tags}),
    (re.compile(rf"/v2/{_NAME}/referrers/{_REFERENCE}"), {"GET": lists.referrers}),
    (
        re.compile(rf"/v2/{_NAME}/manifests/{_REFERENCE}"),
        {
            "DELETE": manifests.delete,
            "GET": manifests.get,
            "HEAD": manifests.get,
            "PUT": manifests.put,
        },
    ),
    (re.compile(rf"/v2/{_NAME}/blobs/uploads/?"), {"POST": blobs.start}),
    (
        re.compile(rf"/v2/{_NAME}/blobs/uploads/{_REFERENCE}"),
        {
            "DELETE": blobs.cancel,
            "GET": blobs.status,
            "PATCH": blobs.patch,
            "PUT": blobs.put,
        },
    ),
    (re.compile(rf"/v2/{_NAME}/blobs/{_REFERENCE}"), {"GET": blobs.get, "HEAD": blobs.head}),
)
_UNSUPPORTED: Final = errors.Problem(405, "UNSUPPORTED")


def answer(gateway: Gateway, request: Request, base_url: str) -> Response:
    """Answer a request below `/v2`.

    Args:
        gateway: the world.
        request: the request; its body has not been read.
        base_url: the URL under which the caller reaches the server.
    """
    response = _answer(gateway, request, base_url)
    response.headers.setdefault(*errors.VERSION)
    return response


def _answer(gateway: Gateway, request: Request, base_url: str) -> Response:
    headers = request.headers
    host = headers.get("Host", "")
    caller = auth.identify(gateway, headers.get("Authorization"), host, base_url)
    if isinstance(caller, Response):
        return caller
    for pattern, answers in _ROUTES:
        match = pattern.fullmatch(request.path)
        if match is None:
            continue
        function = answers.get(request.method)
        if function is None:
            return errors.respond(_UNSUPPORTED, "The operation is unsupported.")
        found = match.groupdict()
        references = [found["reference"]] if "reference" in found else []
        visit = Visit(gateway, request, caller, base_url, found.get("name", ""))
        try:
            return function(visit, *references)
        except Refused as refused:
            return refused.response
        except UnknownOperationException:  # the installed botocore is older than the operation
            break
    return errors.not_found()
