"""Calls of ECR's operations that are often nearly right, and what each of them may be answered.

The errors of an operation are those that AWS's own model lists, and those of reference, section
2.2, that any call can get.
"""

from __future__ import annotations

import base64
import functools
import json
from typing import Any, NamedTuple

import botocore.session
from hypothesis import strategies as st

from tests.server import doors, grammar, raw, states

COMMON = frozenset(
    {
        (200, ""),
        (400, "AccessDeniedException"),
        (400, "InvalidParameterException"),
        (400, "MissingAuthenticationTokenException"),
        (400, "SerializationException"),
    }
)


@functools.cache
def allowed(operation: str) -> frozenset[tuple[int, str]]:
    """Return what an operation may answer."""
    model = botocore.session.get_session().get_service_model("ecr").operation_model(operation)
    modelled = {(400, shape.name) for shape in model.error_shapes}
    return COMMON | (modelled - {(400, "ServerException")})


class Call(NamedTuple):
    """One call; `{upload}` in the body stands for the last upload that a call began."""

    operation: str
    body: bytes
    headers: dict[str, str | None]

    def lawful(self, answer: raw.Answer) -> bool:
        """Tell whether the model and the reference have this answer."""
        return answer.verdict in allowed(self.operation)


def often(likely: list[Any], seldom: list[Any]) -> st.SearchStrategy[Any]:
    """Draw one of the first list five times out of six."""
    right, wrong = st.sampled_from(likely), st.sampled_from(seldom)
    return st.integers(0, 5).flatmap(lambda number: wrong if number == 5 else right)


names = often(["app", "app", "fixed", "team/web", "new"], ["none", "APP", "a" * 257, "", "\0", "é"])
digests = often(grammar.KNOWN, ["sha256:" + "0" * 64, "sha256:zz", "", "x"])
tags = often(["v1", "v2", "v3"], ["a+b", "", "a" * 301])
image_id = st.fixed_dictionaries({}, optional={"imageTag": tags, "imageDigest": digests})
image_ids = st.lists(image_id, min_size=1, max_size=3) | st.just([])
resource_tags = st.lists(
    st.fixed_dictionaries({}, optional={"Key": st.text(max_size=4), "Value": st.text(max_size=4)}),
    max_size=3,
)
numbers = (
    st.integers(1, 1000)
    | st.integers(-2, 1002)
    | st.sampled_from([1 << 31, 1 << 63, -(1 << 63), 1 << 64])
)
blobs = (st.sampled_from(grammar.BLOBS) | st.binary(max_size=50)).map(
    lambda data: base64.b64encode(data).decode()
)
firsts = st.just(0) | numbers
lasts = st.sampled_from([len(data) - 1 for data in grammar.BLOBS]) | numbers
POLICY = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
policies = st.sampled_from(
    [
        json.dumps({"Version": "2012-10-17", "Statement": [POLICY]}),
        "",
        "{}",
        "x",
        "[]",
        '{"Version":"2012-10-17","Statement":[]}',
        '{"Statement":{"Effect":5}}',
    ]
)
arns = st.sampled_from(
    ["arn:aws:ecr:us-east-1:123456789012:repository/app", "arn:aws:ecr:::", "", "x", "arn:" * 50]
)
texts = st.text(max_size=8)
MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "repositoryName": names,
    "repositoryNames": st.lists(names, max_size=3),
    "registryId": often(["123456789012"], ["999988887777", "1", ""]),
    "registryIds": st.lists(st.sampled_from(["123456789012", "x"]), max_size=11),
    "imageIds": image_ids,
    "imageTag": tags,
    "imageDigest": digests,
    "imageManifest": grammar.manifests_.map(lambda data: data.decode("utf-8", "replace")),
    "imageManifestMediaType": st.sampled_from([doors.OCI_MANIFEST, doors.OCI_INDEX, "", "x"]),
    "acceptedMediaTypes": st.lists(st.sampled_from([doors.OCI_MANIFEST, "x", ""]), max_size=3),
    "imageTagMutability": st.sampled_from(
        ["MUTABLE", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "x"]
    ),
    "layerDigest": digests,
    "layerDigests": st.just(grammar.KNOWN) | st.lists(digests, max_size=4),
    "layerPartBlob": blobs | texts,
    "partFirstByte": firsts,
    "partLastByte": lasts,
    "uploadId": often(["{upload}"], ["00000000-0000-4000-8000-000000000000", "x"]),
    "maxResults": numbers,
    "nextToken": texts,
    "filter": st.fixed_dictionaries(
        {}, optional={"tagStatus": st.sampled_from(["ANY", "TAGGED", "x"])}
    ),
    "policyText": policies,
    "force": st.booleans(),
    "tags": resource_tags,
    "tagKeys": st.lists(texts, max_size=3),
    "resourceArn": arns,
    "name": st.sampled_from(["BLOB_MOUNTING", "x", ""]),
    "value": st.sampled_from(["ENABLED", "DISABLED", "x", ""]),
    "mediaTypes": st.lists(texts, max_size=3),
}
OPERATIONS = {
    "CreateRepository": ["repositoryName", "imageTagMutability", "tags", "registryId"],
    "DescribeRepositories": ["repositoryNames", "maxResults", "nextToken", "registryId"],
    "DeleteRepository": ["repositoryName", "force", "registryId"],
    "PutImageTagMutability": ["repositoryName", "imageTagMutability"],
    "PutImage": [
        "repositoryName",
        "imageManifest",
        "imageTag",
        "imageDigest",
        "imageManifestMediaType",
    ],
    "BatchGetImage": ["repositoryName", "imageIds", "acceptedMediaTypes"],
    "DescribeImages": ["repositoryName", "imageIds", "maxResults", "nextToken", "filter"],
    "ListImages": ["repositoryName", "maxResults", "nextToken", "filter"],
    "BatchDeleteImage": ["repositoryName", "imageIds"],
    "InitiateLayerUpload": ["repositoryName", "registryId"],
    "UploadLayerPart": [
        "repositoryName",
        "uploadId",
        "partFirstByte",
        "partLastByte",
        "layerPartBlob",
    ],
    "CompleteLayerUpload": ["repositoryName", "uploadId", "layerDigests"],
    "BatchCheckLayerAvailability": ["repositoryName", "layerDigests"],
    "GetDownloadUrlForLayer": ["repositoryName", "layerDigest"],
    "GetAuthorizationToken": ["registryIds"],
    "SetRepositoryPolicy": ["repositoryName", "policyText", "force"],
    "GetRepositoryPolicy": ["repositoryName"],
    "DeleteRepositoryPolicy": ["repositoryName"],
    "DescribeRegistry": [],
    "GetAccountSetting": ["name"],
    "PutAccountSetting": ["name", "value"],
    "TagResource": ["resourceArn", "tags"],
    "UntagResource": ["resourceArn", "tagKeys"],
    "ListTagsForResource": ["resourceArn"],
}


@st.composite
def calls(draw: Any) -> Call:
    """Draw one call."""
    operation = draw(st.sampled_from(sorted(OPERATIONS)))
    request: dict[str, Any] = {}
    for member in OPERATIONS[operation]:
        kind = draw(st.integers(0, 15))
        if kind < 14:
            request[member] = draw(MEMBERS[member])
        elif kind == 14:
            request[member] = draw(grammar.junk)
    body = json.dumps(request).encode()
    if draw(st.integers(0, 15)) == 15:
        body = draw(grammar.damaged(st.just(body)))
    is_signed = draw(st.integers(0, 25)) < 25
    headers: dict[str, str | None] = {} if is_signed else dict(doors.UNSIGNED)
    return Call(operation, body, headers)


@st.composite
def layer_flows(draw: Any) -> list[Call]:
    """Draw the calls that push a layer, with one member changed now and then."""
    name, data = draw(st.sampled_from(["app", "fixed", "team/web"])), draw(grammar.bodies)
    place = {"repositoryName": name, "uploadId": "{upload}"}
    part = {"partFirstByte": 0, "partLastByte": len(data) - 1}
    blob = {"layerPartBlob": base64.b64encode(data).decode()}
    flow: list[tuple[str, dict[str, Any]]] = [
        ("InitiateLayerUpload", {"repositoryName": name}),
        ("UploadLayerPart", place | part | blob),
        ("CompleteLayerUpload", place | {"layerDigests": [states.digest_of(data)]}),
    ]
    if draw(st.booleans()):
        _, request = draw(st.sampled_from(flow))
        member = draw(st.sampled_from(sorted(request)))
        request[member] = draw(MEMBERS[member])
    return [Call(operation, json.dumps(request).encode(), {}) for operation, request in flow]


@st.composite
def sequences(draw: Any) -> list[Call]:
    """Draw calls in a row: uploads of layers, and single ones."""
    parts = st.one_of(
        calls().map(lambda each: [each]), calls().map(lambda each: [each]), layer_flows()
    )
    return [each for part in draw(st.lists(parts, min_size=1, max_size=6)) for each in part]
