"""Requests to the registry that are often nearly right, and what each of them may be answered.

The answers are those of the reference, sections 17.2 to 17.5; a code stands for the error whose
text the registry gives. An empty code is an answer without an error of the registry in it.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.server import doors, manifests, raw, states

Pairs = frozenset[tuple[int, str]]

OK, CREATED, ACCEPTED, NO_CONTENT, REDIRECT = 200, 201, 202, 204, 307
CHALLENGE = (401, "")
NO_ROUTE = (404, "")
NAME_UNKNOWN = (404, "NAME_UNKNOWN")
UNSUPPORTED = (405, "UNSUPPORTED")
NOT_MODELLED = (501, "UNSUPPORTED")
BAD_REFERENCES = [(400, "TAG_INVALID"), (400, "DIGEST_INVALID")]
EVERYWHERE = [CHALLENGE, NO_ROUTE, UNSUPPORTED]


def allow(*pairs: tuple[int, str] | int) -> Pairs:
    """Return what a route may answer: these, and what every route may."""
    return frozenset((each, "") if isinstance(each, int) else each for each in pairs) | frozenset(
        EVERYWHERE
    )


ALLOWED: dict[tuple[str, str], Pairs] = {
    ("root", "GET"): allow(OK),
    ("catalog", "GET"): allow(OK),
    ("tags", "GET"): allow(OK, NAME_UNKNOWN),
    ("manifest", "GET"): allow(
        OK, NAME_UNKNOWN, (404, "MANIFEST_UNKNOWN"), NOT_MODELLED, *BAD_REFERENCES
    ),
    ("manifest", "PUT"): allow(
        CREATED,
        NAME_UNKNOWN,
        (400, "TAG_INVALID"),
        (400, "MANIFEST_INVALID"),
        (404, "BLOB_UPLOAD_UNKNOWN"),
        (404, "MANIFEST_BLOB_UNKNOWN"),
    ),
    ("manifest", "DELETE"): allow(
        ACCEPTED, NAME_UNKNOWN, (404, "MANIFEST_UNKNOWN"), *BAD_REFERENCES
    ),
    ("blob", "GET"): allow(REDIRECT, NAME_UNKNOWN, (404, "BLOB_UNKNOWN")),
    ("blob", "DELETE"): allow(NAME_UNKNOWN),
    ("uploads", "POST"): allow(CREATED, ACCEPTED, NAME_UNKNOWN, (400, "BLOB_UPLOAD_INVALID")),
    ("upload", "GET"): allow(NO_CONTENT, NAME_UNKNOWN, (404, "BLOB_UPLOAD_UNKNOWN")),
    ("upload", "PATCH"): allow(
        CREATED,
        ACCEPTED,
        NAME_UNKNOWN,
        (404, "BLOB_UPLOAD_UNKNOWN"),
        (416, "BLOB_UPLOAD_INVALID"),
    ),
    ("upload", "PUT"): allow(
        CREATED,
        NAME_UNKNOWN,
        (400, "BLOB_UPLOAD_INVALID"),
        (404, "BLOB_UPLOAD_UNKNOWN"),
        (416, "BLOB_UPLOAD_INVALID"),
    ),
    ("upload", "DELETE"): allow(NO_CONTENT, NAME_UNKNOWN, (404, "BLOB_UPLOAD_UNKNOWN")),
    ("referrers", "GET"): allow(OK, NAME_UNKNOWN, *BAD_REFERENCES),
}
METHODS_OF = {route: [m for r, m in ALLOWED if r == route] for route, _ in ALLOWED}


def allowed(route: str, method: str) -> Pairs:
    """Return what may be answered; a HEAD gets the status of a GET and no error in it."""
    pairs = ALLOWED.get((route, "GET" if method == "HEAD" else method), allow())
    if method != "HEAD":
        return pairs
    return frozenset({(status, "") for status, _ in pairs} | {(OK, "")})


class Step(NamedTuple):
    """One request to the registry.

    `{upload}` in the path stands for an upload that the steps before have begun, and `{digest}`
    for the digest of all that it has with this body.
    """

    route: str
    method: str
    path: str
    headers: dict[str, str | None]
    body: bytes
    which: int = 0

    def lawful(self, answer: raw.Answer) -> bool:
        """Tell whether the reference has this answer."""
        return answer.verdict in allowed(self.route, self.method)


BLOBS = [manifests.CONFIG, manifests.LAYER, b"", b"x", bytes(range(256)) * 8]
GOOD = manifests.image()
OTHER = manifests.image(annotations={"a": "b"})
INDEX = manifests.index(GOOD)
REFERRER = manifests.image(subject=manifests.descriptor(GOOD, doors.OCI_MANIFEST))
KNOWN = [states.digest_of(each) for each in (*BLOBS, GOOD, OTHER, INDEX, REFERRER)]


def encoded(text: str) -> str:
    """Return text so that it stays within one part of a path, whatever is in it."""
    safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~:+=;@!"
    return "".join(chr(b) if chr(b) in safe else f"%{b:02x}" for b in text.encode())


def often(*likely: str, seldom: tuple[str, ...], odd: st.SearchStrategy[str]) -> Any:
    """Draw one of those that are right three times out of four."""
    right, wrong = st.sampled_from(likely), st.sampled_from(seldom)
    return st.integers(0, 11).flatmap(lambda n: odd if n == 0 else wrong if n < 3 else right)


odd_text = st.text(st.characters(codec="utf-8"), max_size=8).map(encoded)
names = often(
    *["app"] * 6,
    *["fixed", "team/web", "team%2fweb"],
    seldom=("none", "APP", "a", "app//x", "..", "app%00", "_catalog", "a" * 257),
    odd=odd_text,
)
digests = often(
    *KNOWN,
    seldom=("sha256:" + "0" * 64, "sha256:zz", "sha512:00", ":", "a:0", "sha256:" + "F" * 64),
    odd=odd_text,
)
references = often(
    *["v1", "v2", "v3"] * 4,
    *KNOWN,
    seldom=("a+b", "a" * 301, "%00", ".", "-", "_", "v1/x", "sha256:zz"),
    odd=odd_text,
)
sizes = st.sampled_from(["", "?n=1", "?n=2", "?n=1000", "?n=1001", "?n=0", "?n=x", "?n=1&last=x"])
media_types = st.sampled_from(
    [doors.OCI_MANIFEST] * 4 + [doors.OCI_INDEX, None, "", "text/plain", "application/json", "\xff"]
)
accepts = st.one_of(
    st.none(),
    st.lists(media_types.map(str), max_size=4).map(",".join),
    st.sampled_from(["*/*", ";q=,"]),
)
ranges = st.one_of(
    st.tuples(st.integers(0, 300), st.integers(0, 600)).map(lambda pair: f"{pair[0]}-{pair[1]}"),
    st.sampled_from(["", "x", "0-", "-1", "0-0", "bytes 0-0/1", "1-0", "0-99999999999999999999"]),
)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def nearly_manifests(draw: Any) -> bytes:
    """Draw a manifest with a member changed, or bytes of one changed."""
    document = json.loads(draw(st.sampled_from([GOOD, OTHER, INDEX, REFERRER])))
    where = document
    while True:
        key = draw(st.sampled_from(sorted(where)))
        inner = where[key][0] if isinstance(where[key], list) and where[key] else where[key]
        if not isinstance(inner, dict) or not inner or draw(st.booleans()):
            break
        where = inner
    if draw(st.booleans()):
        where[key] = draw(junk | digests | st.just([where[key]]))
    else:
        del where[key]
    return json.dumps(document).encode()


@st.composite
def damaged(draw: Any, source: st.SearchStrategy[bytes]) -> bytes:
    """Draw bytes with some cut out, changed or put in."""
    data = draw(source)
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(len(data), start + 4)))
    return data[:start] + draw(st.binary(max_size=4)) + data[end:]


manifests_ = st.one_of(
    st.sampled_from([GOOD, GOOD, OTHER, INDEX, REFERRER]),
    nearly_manifests(),
    damaged(st.sampled_from([GOOD, INDEX])),
)
bodies = st.one_of(st.sampled_from(BLOBS), st.binary(max_size=300))
credentials = st.sampled_from([{}] * 20 + [{"Authorization": None}, {"Authorization": "Basic x"}])


@st.composite
def steps(draw: Any) -> Step:
    """Draw one request."""
    route = draw(st.sampled_from(["manifest", "manifest", "upload", "upload", *METHODS_OF]))
    others = ["HEAD"] if route == "root" else ["HEAD", "POST", "FOO"]  # see test_registry_door
    method = draw(st.sampled_from([*METHODS_OF[route] * 4, *others]))
    headers: dict[str, str | None] = dict(draw(credentials))
    body = draw(bodies) if method in ("PATCH", "POST", "PUT") else b""
    name = draw(names)
    if route == "manifest":
        headers |= {"Content-Type": draw(media_types), "Accept": draw(accepts)}
        body = draw(manifests_) if method == "PUT" else body
    if route == "upload" and draw(st.booleans()):
        headers["Content-Range"] = draw(ranges)
    if body and draw(st.integers(0, 4)) == 0:
        headers |= {"Transfer-Encoding": "chunked", "Content-Length": None}
    path = {
        "root": lambda: "/v2/",
        "catalog": lambda: f"/v2/_catalog{draw(sizes)}",
        "tags": lambda: f"/v2/{name}/tags/list{draw(sizes)}",
        "manifest": lambda: f"/v2/{name}/manifests/{draw(references)}",
        "blob": lambda: f"/v2/{name}/blobs/{draw(digests)}",
        "referrers": lambda: f"/v2/{name}/referrers/{draw(digests)}",
        "uploads": lambda: f"/v2/{name}/blobs/uploads/{draw(beginnings)}",
        "upload": lambda: f"{draw(goings_on)}{draw(endings) if method == 'PUT' else ''}",
    }[route]()
    return Step(route, method, path, headers, body, draw(st.integers(0, 3)))


beginnings = st.one_of(
    st.just(""),
    st.just(""),
    st.just("?digest={digest}"),
    digests.map("?digest={}".format),
    st.tuples(digests, names).map(lambda pair: f"?mount={pair[0]}&from={pair[1]}"),
)
goings_on = st.one_of(
    st.just("{upload}"),
    st.just("{upload}"),
    st.just("{upload}"),
    st.tuples(names, odd_text).map(lambda pair: f"/v2/{pair[0]}/blobs/uploads/{pair[1]}x"),
)
endings = st.one_of(st.just("?digest={digest}"), st.just(""), digests.map("?digest={}".format))


def step(route: str, method: str, path: str, body: bytes = b"", **headers: str) -> Step:
    """Return a request of a flow, to the upload that was begun last."""
    wanted = {name.replace("_", "-"): value for name, value in headers.items()}
    return Step(route, method, path, wanted, body, which=-1)


@st.composite
def layer_flows(draw: Any, data: bytes | None = None, name: str | None = None) -> list[Step]:
    """Draw the requests that push a layer, in one of the ways in which clients do."""
    data = draw(bodies) if data is None else data
    start = f"/v2/{name or draw(names)}/blobs/uploads/"
    end, way = "{upload}?digest={digest}", draw(st.integers(0, 3))
    if way == 0:
        return [step("uploads", "POST", start + "?digest={digest}", data)]
    if way == 1:
        return [step("uploads", "POST", start), step("upload", "PUT", end, data)]
    span = {} if way == 2 else {"Content_Range": f"0-{max(len(data) - 1, 0)}"}
    return [
        step("uploads", "POST", start),
        step("upload", "PATCH", "{upload}", data, **span),
        step("upload", "PUT", end),
    ]


@st.composite
def image_flows(draw: Any) -> list[Step]:
    """Draw the requests that push an image, its layers first, and perhaps take it away again."""
    name = draw(st.sampled_from(["app", "fixed", "team/web"]))
    found = draw(layer_flows(manifests.CONFIG, name)) + draw(layer_flows(manifests.LAYER, name))
    for manifest in draw(st.permutations([GOOD, OTHER, INDEX, REFERRER]))[:3]:
        media_type = doors.OCI_INDEX if manifest == INDEX else doors.OCI_MANIFEST
        digest = states.digest_of(manifest)
        reference = draw(st.sampled_from(["v1", "v2", "v3", digest]))
        path = f"/v2/{name}/manifests/"
        found.append(step("manifest", "PUT", path + reference, manifest, Content_Type=media_type))
        if draw(st.booleans()):
            gone = draw(st.sampled_from([reference, digest, KNOWN[0]]))
            found.append(step("manifest", "DELETE", path + gone))
    return found


@st.composite
def sequences(draw: Any) -> list[Step]:
    """Draw requests in a row: flows and single ones, from which some are left out."""
    parts = st.one_of(steps().map(lambda each: [each]), layer_flows(), image_flows())
    found = [each for part in draw(st.lists(parts, min_size=1, max_size=4)) for each in part]
    if len(found) > 1 and draw(st.booleans()):
        del found[draw(st.integers(0, len(found) - 1))]
    return found
