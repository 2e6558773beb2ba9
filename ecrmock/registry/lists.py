"""Lists: the tags of a repository, who refers to an image, the repositories of a registry.

Source: captures of ECR: it pages by tokens of its own and not by names, links absolute, and calls
its JSON plain text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from ecrmock.ecr.errors import InvalidParameterException
from ecrmock.ecr.manifests import OCI_INDEX
from ecrmock.registry import errors

if TYPE_CHECKING:
    from ecrmock.registry.door import Visit

_MAX_DIGITS: Final = 9


def tags(visit: Visit) -> Response:
    """List the tags: ListImages."""
    answer = visit.call("ListImages", filter={"tagStatus": "TAGGED"}, **_paging(visit))
    names = [entry["imageTag"] for entry in answer["imageIds"]]
    response = _listing({"name": visit.name, "tags": names})
    _link_next(visit, response, answer, {})
    return response


def _link_next(
    visit: Visit, response: Response, answer: dict[str, Any], query: dict[str, str]
) -> None:
    """Say where the next page is, if there is one."""
    token = answer.get("nextToken")
    if token is None:
        return
    query["last"] = token
    if "n" in visit.request.args:
        query["n"] = visit.request.args["n"]
    url = f"{visit.base_url}{visit.request.path}?{urlencode(query)}"
    response.headers["Link"] = f'<{url}>; rel="next"'


def referrers(visit: Visit, digest: str) -> Response:
    """List the artifacts that refer to an image: ListImageReferrers.

    Assumed: how ECR pages the list.
    """
    wanted = visit.request.args.get("artifactType")
    parameters = _paging(visit)
    if wanted is not None:
        parameters["filter"] = {"artifactTypes": [wanted]}
    answer = visit.call("ListImageReferrers", subjectId={"imageDigest": digest}, **parameters)
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [_descriptor(entry) for entry in answer["referrers"]],
    }
    response = Response(json.dumps(document), 200, content_type=OCI_INDEX)
    if wanted is not None:
        response.headers["OCI-Filters-Applied"] = "artifactType"
    _link_next(visit, response, answer, {} if wanted is None else {"artifactType": wanted})
    return response


def _descriptor(entry: dict[str, Any]) -> dict[str, Any]:
    names = ("mediaType", "digest", "size", "artifactType", "annotations")
    return {name: entry[name] for name in names if name in entry}


def repositories(visit: Visit) -> Response:
    """List the first repositories: DescribeRepositories. ECR gives no further page."""
    parameters = _paging(visit)
    parameters.pop("nextToken", None)
    answer = visit.call("DescribeRepositories", **parameters)
    return _listing({"repositories": [each["repositoryName"] for each in answer["repositories"]]})


def _listing(document: dict[str, Any]) -> Response:
    body = json.dumps(document, separators=(",", ":"))
    return Response(body, 200, [errors.VERSION], content_type=errors.PLAIN)


def _paging(visit: Visit) -> dict[str, Any]:
    """Return `n` and `last` as the parameters of the API."""
    found: dict[str, Any] = {}
    size, token = visit.request.args.get("n"), visit.request.args.get("last")
    if size is not None:
        if not (size.isascii() and size.isdigit()):
            # Assumed: the text for a size that is no number.
            text = "Member must have value greater than or equal to 1"
            visit.refuse("ListImages", InvalidParameterException("maxResults", text))
        found["maxResults"] = int(size[:_MAX_DIGITS])
    if token is not None:
        found["nextToken"] = token
    return found
