"""Blobs that are there: HEAD, GET with its redirect, the signed URL, mounts."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from tests.registry.client import (
    ACCOUNT,
    HOST,
    OTHER_ACCOUNT,
    UNKNOWN,
    Refusal,
    Registry,
    fixture,
    image,
    path_of,
    sha256,
)

SINGLE = fixture("single")
CONTENT = SINGLE.blobs[1]
LAYER = sha256(CONTENT)
LAYER_PATH = f"/v2/app/blobs/{LAYER}"


def xml_code(answer) -> str:
    """Return the code of an error of S3."""
    return ElementTree.fromstring(answer.body).findtext("Code")


def location_of_layer(registry) -> str:
    answer = registry.get(LAYER_PATH)
    assert answer.status == 307, answer
    return answer.headers["Location"]


@pytest.fixture
def pushed(registry):
    """A client of a registry that has the image of `fixtures/images/single`."""
    registry.push(SINGLE, "v1")
    return registry


# ------------------------------------------------------------------------------------ HEAD


def test_head_tells_the_size_of_a_blob(registry):
    registry.push_blob(CONTENT)

    answer = registry.head(LAYER_PATH)

    assert answer.status == 200
    assert answer.headers["Content-Length"] == str(len(CONTENT))
    assert answer.body == b""


def test_head_of_a_missing_blob_is_404_without_a_body(registry):
    answer = registry.head(f"/v2/app/blobs/{UNKNOWN}")

    assert answer.status == 404
    assert answer.body == b""


def test_a_blob_is_known_in_its_own_repository_only(registry, ecr):
    ecr.create_repository(repositoryName="team/other")
    registry.push_blob(CONTENT)

    assert registry.has_blob(LAYER)
    assert not registry.has_blob(LAYER, "team/other")


# ------------------------------------------------------------------------------------- GET


def test_get_redirects_to_a_url_that_is_signed_for_an_hour(pushed):
    answer = pushed.get(LAYER_PATH)

    url = urlsplit(answer.headers["Location"])
    query = parse_qs(url.query)
    assert answer.status == 307
    assert "prod-us-east-1-starport-layer-bucket" in url.netloc + url.path
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["3600"]


@pytest.mark.parametrize("number", range(3), ids=["config", "base layer", "own layer"])
def test_the_url_gives_the_bytes_of_the_blob_without_credentials(pushed, number):
    content = SINGLE.blobs[number]

    assert pushed.download(sha256(content)) == content


def test_the_url_takes_the_credentials_that_clients_send_on_to_the_same_host(pushed):
    """S3 answers 400 to them; here the URL has the registry's host, and docker repeats them."""
    location = location_of_layer(pushed)

    answer = pushed.request("GET", location)

    assert answer.body == CONTENT


def test_get_of_a_missing_blob_is_unknown(pushed):
    answer = pushed.get(f"/v2/app/blobs/{UNKNOWN}")

    assert answer.status == 404
    assert answer.refusal.code == "BLOB_UNKNOWN"


def test_a_blob_that_no_image_refers_to_cannot_be_downloaded(registry):
    registry.push_blob(CONTENT)

    answer = registry.get(LAYER_PATH)

    assert answer.status == 404
    assert answer.refusal.code == "BLOB_UNKNOWN"


def test_blobs_of_a_missing_repository_are_refused_by_name(registry):
    answer = registry.get(f"/v2/no-such-repository/blobs/{UNKNOWN}")

    assert answer.status == 404
    assert answer.refusal == Refusal(
        "NAME_UNKNOWN",
        "The repository with name 'no-such-repository' does not exist "
        f"in the registry with id '{ACCOUNT}'",
    )


def test_a_blob_cannot_be_deleted(pushed):
    answer = pushed.request("DELETE", LAYER_PATH)

    assert answer.status == 405
    assert answer.refusal.code == "UNSUPPORTED"
    assert pushed.has_blob(LAYER)


# --------------------------------------------------------------------------- the signed URL


@pytest.mark.parametrize(
    ("wanted", "expected", "said"),
    [
        pytest.param("bytes=500-1499", CONTENT[500:1500], "500-1499", id="inside"),
        pytest.param("bytes=500-", CONTENT[500:], f"500-{len(CONTENT) - 1}", id="from"),
        pytest.param(
            "bytes=-500",
            CONTENT[-500:],
            f"{len(CONTENT) - 500}-{len(CONTENT) - 1}",
            id="last",
        ),
        pytest.param(
            "bytes=4000-9999", CONTENT[4000:], f"4000-{len(CONTENT) - 1}", id="over the end"
        ),
    ],
)
def test_the_url_gives_a_range_of_the_bytes(pushed, wanted, expected, said):
    location = location_of_layer(pushed)

    answer = pushed.request("GET", location, {"Range": wanted}, login=False)

    assert answer.status == 206
    assert answer.body == expected
    assert answer.headers["Content-Length"] == str(len(expected))
    assert answer.headers["Content-Range"] == f"bytes {said}/{len(CONTENT)}"


def test_a_range_past_the_end_is_not_satisfiable(pushed):
    location = location_of_layer(pushed)

    answer = pushed.request("GET", location, {"Range": "bytes=9000-9999"}, login=False)

    assert answer.status == 416


def test_a_range_that_ends_before_it_begins_does_not_give_a_part(pushed):
    location = location_of_layer(pushed)

    answer = pushed.request("GET", location, {"Range": "bytes=500-0"}, login=False)

    assert answer.status in {200, 416}


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda url: url[:-4] + "0000", id="signature"),
        pytest.param(lambda url: url.replace("Expires=3600", "Expires=9999"), id="expiry"),
        pytest.param(lambda url: url.replace(LAYER, sha256(SINGLE.blobs[0])), id="object"),
        pytest.param(lambda url: url.partition("?")[0], id="no signature"),
    ],
)
def test_a_url_that_was_changed_is_refused_in_xml(pushed, spoil):
    location = location_of_layer(pushed)

    answer = pushed.request("GET", spoil(location), login=False)

    assert answer.status == 403
    assert xml_code(answer)


def test_a_url_ends_after_an_hour(pushed):
    location = location_of_layer(pushed)
    pushed.server.aws.clock.advance(minutes=59)
    within = pushed.request("GET", location, login=False)

    pushed.server.aws.clock.advance(minutes=2)

    assert within.status == 200
    assert xml_code(pushed.request("GET", location, login=False)) == "AccessDenied"


def test_a_url_is_for_get_alone(pushed):
    location = location_of_layer(pushed)

    assert pushed.request("HEAD", location, login=False).status == 403


def test_a_url_of_the_api_is_fetched_like_one_of_the_registry(pushed, ecr):
    where = {"repositoryName": "app", "layerDigest": LAYER}

    url = ecr.get_download_url_for_layer(**where)["downloadUrl"]

    assert pushed.request("GET", url, login=False).body == CONTENT


# ----------------------------------------------------------------------------------- mounts


@pytest.fixture
def source(pushed, ecr):
    """The image is in `app`; `target` is an empty repository."""
    ecr.create_repository(repositoryName="target")
    return pushed


def mount(registry, *, digest: str = LAYER, source: str | None = "app", target: str = "target"):
    query = f"mount={digest}" + (f"&from={source}" if source else "")
    return registry.request("POST", f"/v2/{target}/blobs/uploads/?{query}")


def enable(ecr) -> None:
    ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")


def is_upload(answer, repository: str = "target") -> bool:
    """Tell whether an ordinary upload was opened instead of a mount."""
    location = answer.headers["Location"]
    return answer.status == 202 and path_of(location).startswith(f"/v2/{repository}/blobs/uploads/")


def test_a_mount_is_an_upload_as_long_as_mounting_is_off(source):
    answer = mount(source)

    assert is_upload(answer)
    assert not source.has_blob(LAYER, "target")


def test_the_upload_instead_of_a_mount_takes_the_blob(source):
    location = mount(source).headers["Location"]

    answer = source.finish(location, LAYER, CONTENT)

    assert answer.status == 201
    assert source.has_blob(LAYER, "target")


def test_a_blob_is_mounted_once_that_is_enabled(source, ecr):
    enable(ecr)

    answer = mount(source)

    assert answer.status == 201
    assert path_of(answer.headers["Location"]) == f"/v2/target/blobs/{LAYER}"
    assert source.has_blob(LAYER, "target")


def test_an_image_of_mounted_blobs_is_pushed_without_an_upload(source, ecr):
    enable(ecr)
    for content in SINGLE.blobs:
        assert mount(source, digest=sha256(content)).status == 201

    answer = source.put(SINGLE, "v1", "target")

    assert answer.status == 201
    assert source.download(LAYER, "target") == CONTENT


def test_a_mounted_blob_stays_when_its_source_is_deleted(source, ecr):
    enable(ecr)
    for content in SINGLE.blobs:
        mount(source, digest=sha256(content))
    source.put(SINGLE, "v1", "target")

    ecr.delete_repository(repositoryName="app", force=True)

    assert source.download(LAYER, "target") == CONTENT


def test_disabling_turns_mounts_into_uploads_again(source, ecr):
    enable(ecr)
    ecr.put_account_setting(name="BLOB_MOUNTING", value="DISABLED")

    assert is_upload(mount(source))


@pytest.mark.parametrize(
    "wish",
    [
        pytest.param({"digest": UNKNOWN}, id="the blob is nowhere"),
        pytest.param({"source": "no-such-repository"}, id="the source is missing"),
        pytest.param({"source": None}, id="no source is named"),
    ],
)
def test_a_mount_that_cannot_be_is_an_upload(source, ecr, wish):
    enable(ecr)

    assert is_upload(mount(source, **wish))


def test_a_blob_that_no_image_refers_to_is_not_mounted(source, ecr):
    enable(ecr)
    lonely = source.push_blob(b"no image refers to this")

    assert is_upload(mount(source, digest=lonely))


def test_a_blob_is_not_mounted_into_another_encryption(source, ecr):
    enable(ecr)
    ecr.create_repository(
        repositoryName="encrypted", encryptionConfiguration={"encryptionType": "KMS"}
    )

    assert is_upload(mount(source, target="encrypted"), "encrypted")


def test_a_blob_is_not_mounted_from_where_the_caller_may_not_download(source, ecr):
    enable(ecr)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "ecr:GetDownloadUrlForLayer"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    ecr.set_repository_policy(repositoryName="app", policyText=text)

    assert is_upload(mount(source))


def test_a_blob_is_not_mounted_from_another_account(source, ecr):
    theirs = source.server.client("ecr", account_id=OTHER_ACCOUNT)
    theirs.create_repository(repositoryName="target")
    enable(theirs)
    host = HOST.replace(ACCOUNT, OTHER_ACCOUNT)
    them = Registry(source.server, account_id=OTHER_ACCOUNT, host=host)

    assert is_upload(mount(them))


def test_mounting_into_a_missing_repository_is_refused(source, ecr):
    enable(ecr)

    answer = mount(source, target="no-such-repository")

    assert answer.status == 404
    assert answer.refusal.code == "NAME_UNKNOWN"


def test_a_blob_of_an_image_that_came_by_the_api_is_mounted(source, ecr):
    enable(ecr)
    made = image("by the API")
    source.push_blobs(made)
    ecr.put_image(repositoryName="app", imageManifest=made.content.decode(), imageTag="api")

    assert mount(source, digest=sha256(made.blobs[1])).status == 201
