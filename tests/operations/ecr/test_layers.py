"""BatchCheckLayerAvailability, and GetDownloadUrlForLayer with the bytes behind the URL."""

from __future__ import annotations

from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from urllib.request import urlopen

import pytest

UNKNOWN = "sha256:" + "0" * 64


def fetch(url: str) -> bytes:
    with urlopen(url, timeout=10) as response:
        return response.read()


def status_of(url: str) -> int:
    with pytest.raises(HTTPError) as caught:
        fetch(url)
    with caught.value as error:
        return error.code


@pytest.fixture
def check(ecr, repository):
    """Return the layers by digest, and the failures."""

    def check(*digests: str, client=ecr) -> tuple[dict[str, dict], list[dict]]:
        response = client.batch_check_layer_availability(
            repositoryName=repository, layerDigests=list(digests)
        )
        assert set(response) == {"layers", "failures", "ResponseMetadata"}
        return {each["layerDigest"]: each for each in response["layers"]}, response["failures"]

    return check


@pytest.fixture
def url_of(ecr, repository, images):
    """Push an image of one layer; return the URL of the layer and its bytes."""

    def url_of() -> tuple[str, bytes]:
        image = images.make()
        images.push(image, "v1")
        (digest,) = image.layers
        response = ecr.get_download_url_for_layer(repositoryName=repository, layerDigest=digest)
        return response["downloadUrl"], image.blobs[digest]

    return url_of


def test_an_uploaded_layer_is_available_with_its_size(check, images):
    digest = images.upload(b"twelve bytes")

    layers, failures = check(digest)

    assert layers[digest]["layerAvailability"] == "AVAILABLE"
    assert layers[digest]["layerSize"] == 12
    assert failures == []


def test_the_config_of_an_image_counts_as_a_layer(check, images):
    image = images.make(docker=True)
    images.push(image)

    layers, _failures = check(image.config)

    assert layers[image.config]["layerAvailability"] == "AVAILABLE"
    assert layers[image.config]["layerSize"] == len(image.blobs[image.config])
    assert layers[image.config]["mediaType"] == "application/vnd.docker.container.image.v1+json"


def test_an_unknown_layer_is_unavailable_and_no_failure(check, repository):
    layers, failures = check(UNKNOWN)

    assert layers[UNKNOWN]["layerAvailability"] == "UNAVAILABLE"
    assert failures == []


def test_a_layer_is_of_one_repository(ecr, check, images):
    ecr.create_repository(repositoryName="other")
    digest = images.upload(b"abc", repository="other")

    layers, _failures = check(digest)

    assert layers[digest]["layerAvailability"] == "UNAVAILABLE"


def test_a_digest_that_is_none_is_a_failure_among_layers(check, images):
    digest = images.upload(b"abc")

    layers, failures = check(digest, "nonsense", UNKNOWN)

    assert set(layers) == {digest, UNKNOWN}
    assert [(each["layerDigest"], each["failureCode"]) for each in failures] == [
        ("nonsense", "InvalidLayerDigest")
    ]
    assert failures[0]["failureReason"]


@pytest.mark.parametrize("blank", ["", " "], ids=["empty", "space"])
def test_a_blank_digest_is_missing(check, unchecked, blank):
    _layers, failures = check(blank, client=unchecked)

    assert [each["failureCode"] for each in failures] == ["MissingLayerDigest"]


@pytest.mark.parametrize(
    ("number", "constraint"),
    [
        (0, "Member must have length greater than or equal to 1"),
        (101, "Member must have length less than or equal to 100"),
    ],
)
def test_batch_check_layer_availability_takes_one_to_a_hundred_digests(
    repository, unchecked, refusal, number, constraint
):
    refused = refusal(
        unchecked.batch_check_layer_availability,
        repositoryName=repository,
        layerDigests=[UNKNOWN] * number,
    )

    assert refused.code == "InvalidParameterException"
    assert refused.message == (
        f"Invalid parameter at 'layerDigests' failed to satisfy constraint: '{constraint}'"
    )


def test_get_download_url_for_layer_answers_with_url_and_digest(ecr, repository, images):
    image = images.make()
    images.push(image)

    response = ecr.get_download_url_for_layer(
        repositoryName=repository, layerDigest=image.layers[0]
    )

    assert set(response) == {"downloadUrl", "layerDigest", "ResponseMetadata"}
    assert response["layerDigest"] == image.layers[0]


def test_the_download_url_is_of_this_machine_and_gives_the_bytes(url_of):
    url, content = url_of()

    fetched = fetch(url)

    assert urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}
    assert fetched == content


def test_the_config_can_be_downloaded_too(ecr, repository, images):
    image = images.make()
    images.push(image)

    response = ecr.get_download_url_for_layer(repositoryName=repository, layerDigest=image.config)

    assert fetch(response["downloadUrl"]) == image.blobs[image.config]


def test_a_download_url_gives_the_bytes_again_and_again(url_of):
    url, content = url_of()

    fetched = [fetch(url) for _number in range(3)]

    assert fetched == [content] * 3


def test_a_download_url_with_another_path_is_refused(url_of):
    url, _content = url_of()
    parts = urlsplit(url)

    status = status_of(urlunsplit(parts._replace(path=parts.path + "x")))

    assert 400 <= status < 500


def test_a_download_url_whose_query_was_changed_is_refused(url_of):
    url, _content = url_of()
    parts = urlsplit(url)
    query = parse_qsl(parts.query)
    assert query

    statuses = [
        status_of(
            urlunsplit(
                parts._replace(
                    query=urlencode([*query[:at], (name, value + "1"), *query[at + 1 :]])
                )
            )
        )
        for at, (name, value) in enumerate(query)
    ]

    assert all(400 <= status < 500 for status in statuses)


def test_a_download_url_without_its_query_is_refused(url_of):
    url, _content = url_of()

    status = status_of(urlunsplit(urlsplit(url)._replace(query="")))

    assert 400 <= status < 500


def test_a_download_url_works_for_most_of_an_hour(door, url_of):
    url, content = url_of()

    door.aws.clock.advance(minutes=59)

    assert fetch(url) == content


def test_a_download_url_expires_after_an_hour(door, url_of):
    url, _content = url_of()

    door.aws.clock.advance(hours=1, seconds=1)

    assert status_of(url) == 403


def test_get_download_url_for_layer_refuses_an_unknown_layer(ecr, repository, refusal, account):
    refused = refusal(
        ecr.get_download_url_for_layer, repositoryName=repository, layerDigest=UNKNOWN
    )

    assert refused.code == "LayersNotFoundException"
    assert refused.message == (
        f"The layer with digest '{UNKNOWN}' does not exist within the repository "
        f"with name '{repository}' in the registry with id '{account}'"
    )


def test_get_download_url_for_layer_refuses_a_layer_that_no_image_names(
    ecr, repository, images, refusal
):
    digest = images.upload(b"abc")

    refused = refusal(ecr.get_download_url_for_layer, repositoryName=repository, layerDigest=digest)

    assert refused.code == "LayerInaccessibleException"


def test_get_download_url_for_layer_knows_the_layers_of_one_repository(ecr, images, refusal):
    image = images.make()
    images.push(image)
    ecr.create_repository(repositoryName="other")

    refused = refusal(
        ecr.get_download_url_for_layer, repositoryName="other", layerDigest=image.layers[0]
    )

    assert refused.code == "LayersNotFoundException"


def test_get_download_url_for_layer_refuses_what_is_no_digest(ecr, repository, refusal):
    refused = refusal(
        ecr.get_download_url_for_layer, repositoryName=repository, layerDigest="nonsense"
    )

    assert refused.code == "InvalidParameterException"
    assert "'layerDigest'" in refused.message
