"""InitiateLayerUpload, UploadLayerPart and CompleteLayerUpload: parts, digests, refusals."""

from __future__ import annotations

import re

import pytest

MIB = 1024 * 1024
UNKNOWN_UPLOAD = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def where(ecr, repository) -> dict[str, str]:
    """The parameters that say which upload: one that has no part yet."""
    started = ecr.initiate_layer_upload(repositoryName=repository)
    return {"repositoryName": repository, "uploadId": started["uploadId"]}


@pytest.fixture
def send(ecr, where):
    """Send bytes as the part that begins at an offset."""

    def send(content: bytes, first: int = 0, last: int | None = None) -> dict:
        return ecr.upload_layer_part(
            **where,
            partFirstByte=first,
            partLastByte=first + len(content) - 1 if last is None else last,
            layerPartBlob=content,
        )

    return send


def test_initiate_layer_upload_answers_with_an_id_and_a_part_size(ecr, repository):
    response = ecr.initiate_layer_upload(repositoryName=repository)

    response.pop("ResponseMetadata")
    assert set(response) == {"uploadId", "partSize"}
    assert re.fullmatch("[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", response["uploadId"])
    assert response["partSize"] == 10 * MIB


def test_each_upload_has_an_id_of_its_own(ecr, repository):
    ids = {ecr.initiate_layer_upload(repositoryName=repository)["uploadId"] for _number in range(5)}

    assert len(ids) == 5


def test_upload_layer_part_answers_with_the_last_byte(send, where, account):
    response = send(b"abc")

    response.pop("ResponseMetadata")
    assert response == {**where, "registryId": account, "lastByteReceived": 2}


def test_complete_layer_upload_answers_with_the_digest(ecr, where, send, digest_of, account):
    send(b"abc")

    response = ecr.complete_layer_upload(**where, layerDigests=[digest_of(b"abc")])

    response.pop("ResponseMetadata")
    assert response == {**where, "registryId": account, "layerDigest": digest_of(b"abc")}


def test_parts_are_put_together_in_their_order(ecr, where, send, digest_of):
    first, last = b"a" * 5 * MIB, b"b" * 3
    send(first)
    send(last, first=len(first))

    response = ecr.complete_layer_upload(**where, layerDigests=[digest_of(first + last)])

    layers = ecr.batch_check_layer_availability(
        repositoryName=where["repositoryName"], layerDigests=[response["layerDigest"]]
    )["layers"]
    assert layers[0]["layerSize"] == len(first + last)


def test_complete_layer_upload_takes_the_first_digest_that_matches(ecr, where, send, digest_of):
    send(b"abc")

    response = ecr.complete_layer_upload(
        **where, layerDigests=[digest_of(b"x"), digest_of(b"abc"), digest_of(b"y")]
    )

    assert response["layerDigest"] == digest_of(b"abc")


def test_two_uploads_at_once_do_not_mix(ecr, repository, where, send, digest_of):
    other = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
    send(b"abc")
    ecr.upload_layer_part(
        repositoryName=repository,
        uploadId=other,
        partFirstByte=0,
        partLastByte=2,
        layerPartBlob=b"xyz",
    )

    response = ecr.complete_layer_upload(**where, layerDigests=[digest_of(b"abc")])

    assert response["layerDigest"] == digest_of(b"abc")


@pytest.mark.parametrize("first", [0, 4, 6], ids=["again", "overlapping", "with a gap"])
def test_upload_layer_part_refuses_a_part_that_does_not_follow(
    error_of, send, where, account, first
):
    send(b"abcde")

    response = error_of(send, content=b"fgh", first=first)

    assert response["Error"]["Code"] == "InvalidLayerPartException"
    assert response["Error"]["Message"] == f"First byte of the layer part is {first} instead of 5"
    members = {name: response[name] for name in ("registryId", "lastValidByteReceived", *where)}
    assert members == {**where, "registryId": account, "lastValidByteReceived": 4}


def test_upload_layer_part_refuses_a_first_part_that_does_not_begin_at_zero(refusal, send):
    refused = refusal(send, content=b"abc", first=1)

    assert refused == (
        "InvalidLayerPartException",
        "First byte of the layer part is 1 instead of 0",
    )


@pytest.mark.parametrize("last", [0, 1, 3], ids=["one", "too few", "too many"])
def test_upload_layer_part_refuses_a_part_whose_size_is_another(refusal, send, last):
    refused = refusal(send, content=b"abc", last=last)

    assert refused.code == "InvalidLayerPartException"


def test_an_upload_goes_on_after_a_refused_part(ecr, where, send, refusal, digest_of):
    send(b"abc")
    refusal(send, content=b"xyz", first=0)
    send(b"def", first=3)

    refused = refusal(ecr.complete_layer_upload, **where, layerDigests=[digest_of(b"abcdef")])

    # What was sent is all there; only the first part is smaller than AWS allows.
    assert refused.code == "LayerPartTooSmallException"


def test_upload_layer_part_refuses_more_than_twenty_mebibytes(refusal, send):
    refused = refusal(send, content=bytes(20 * MIB + 1))

    assert refused.code == "InvalidParameterException"


@pytest.mark.parametrize("call", ["upload_layer_part", "complete_layer_upload"])
def test_an_unknown_upload_is_refused(ecr, repository, refusal, digest_of, call):
    parameters = {
        "upload_layer_part": {"partFirstByte": 0, "partLastByte": 2, "layerPartBlob": b"abc"},
        "complete_layer_upload": {"layerDigests": [digest_of(b"abc")]},
    }[call]

    refused = refusal(
        getattr(ecr, call), repositoryName=repository, uploadId=UNKNOWN_UPLOAD, **parameters
    )

    assert refused.code == "UploadNotFoundException"


def test_an_upload_is_of_one_repository(ecr, where, send, refusal, digest_of):
    send(b"abc")
    ecr.create_repository(repositoryName="other")

    refused = refusal(
        ecr.complete_layer_upload,
        repositoryName="other",
        uploadId=where["uploadId"],
        layerDigests=[digest_of(b"abc")],
    )

    assert refused.code == "UploadNotFoundException"


def test_a_completed_upload_is_gone(ecr, where, send, refusal, digest_of):
    send(b"abc")
    ecr.complete_layer_upload(**where, layerDigests=[digest_of(b"abc")])

    refused = refusal(ecr.complete_layer_upload, **where, layerDigests=[digest_of(b"abc")])

    assert refused.code == "UploadNotFoundException"


def test_complete_layer_upload_refuses_an_upload_without_parts(ecr, where, refusal, account):
    refused = refusal(ecr.complete_layer_upload, **where, layerDigests=["sha256:" + "0" * 64])

    assert refused.code == "EmptyUploadException"
    assert refused.message == (
        f"The upload with id '{where['uploadId']}' in the repository with name "
        f"'{where['repositoryName']}' in registry with id '{account}' cannot be completed "
        "because it does not have any parts"
    )


def test_complete_layer_upload_refuses_digests_that_do_not_match(
    ecr, where, send, refusal, digest_of
):
    send(b"abc")

    refused = refusal(
        ecr.complete_layer_upload, **where, layerDigests=[digest_of(b"x"), digest_of(b"y")]
    )

    assert refused == (
        "InvalidLayerException",
        "None of the provided layer digests match the calculated layer digest",
    )


def test_complete_layer_upload_refuses_a_small_part_before_the_last(
    ecr, where, send, refusal, digest_of
):
    send(b"abc")
    send(b"def", first=3)

    refused = refusal(ecr.complete_layer_upload, **where, layerDigests=[digest_of(b"abcdef")])

    assert refused == (
        "LayerPartTooSmallException",
        "All layer parts except the last part should be at least 5MB",
    )


def test_complete_layer_upload_refuses_a_layer_that_is_there(ecr, where, send, images, refusal):
    digest = images.upload(b"abc")
    send(b"abc")

    refused = refusal(ecr.complete_layer_upload, **where, layerDigests=[digest])

    assert refused.code == "LayerAlreadyExistsException"


def test_a_layer_of_another_repository_is_no_hindrance(ecr, where, send, images, digest_of):
    ecr.create_repository(repositoryName="other")
    images.upload(b"abc", repository="other")
    send(b"abc")

    response = ecr.complete_layer_upload(**where, layerDigests=[digest_of(b"abc")])

    assert response["layerDigest"] == digest_of(b"abc")


@pytest.mark.parametrize(
    ("digests", "constraint"),
    [
        ([], "Member must have length greater than or equal to 1"),
        (["sha256:00"] * 101, "Member must have length less than or equal to 100"),
    ],
    ids=["none", "101"],
)
def test_complete_layer_upload_refuses_too_few_or_too_many_digests(
    unchecked, where, refusal, digests, constraint
):
    refused = refusal(unchecked.complete_layer_upload, **where, layerDigests=digests)

    assert refused.code == "InvalidParameterException"
    assert refused.message.endswith(
        f"at 'layerDigests' failed to satisfy constraint: '{constraint}'"
    )


@pytest.mark.parametrize("upload", ["nonsense", ""], ids=["text", "empty"])
def test_an_upload_id_that_is_no_uuid_is_refused(ecr, repository, refusal, upload):
    refused = refusal(
        ecr.complete_layer_upload,
        repositoryName=repository,
        uploadId=upload,
        layerDigests=["sha256:00"],
    )

    assert refused.code == "InvalidParameterException"
    assert "'uploadId'" in refused.message
