"""Calls from many threads at once: each is whole, none is lost."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError

THREADS = 8


def at_once(function, number: int = THREADS) -> list:
    """Call *function* with 0, 1, ... on as many threads, all let go at one moment."""
    barrier = threading.Barrier(number)

    def start(each: int):
        barrier.wait(timeout=30)
        return function(each)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(start, range(number)))


def code_of(call, **parameters) -> str | None:
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def test_one_thread_makes_a_repository_and_the_others_are_refused(door):
    ecr = door.client("ecr")

    codes = at_once(lambda _number: code_of(ecr.create_repository, repositoryName="app"))

    assert Counter(codes) == {None: 1, "RepositoryAlreadyExistsException": THREADS - 1}


def test_no_call_is_lost(door):
    ecr = door.client("ecr")

    at_once(
        lambda number: [
            ecr.create_repository(repositoryName=f"app-{number}-{each}") for each in range(10)
        ]
    )

    names = {each["repositoryName"] for each in ecr.describe_repositories()["repositories"]}
    assert names == {f"app-{number}-{each}" for number in range(THREADS) for each in range(10)}
    assert len(door.aws.calls("ecr.CreateRepository")) == THREADS * 10


def test_request_ids_are_not_shared(door):
    ecs = door.client("ecs")

    ids = at_once(
        lambda _number: [
            ecs.list_clusters()["ResponseMetadata"]["RequestId"] for _each in range(10)
        ]
    )

    assert len({each for many in ids for each in many}) == THREADS * 10


def test_uploads_of_many_threads_do_not_mix(door):
    ecr = door.client("ecr")
    ecr.create_repository(repositoryName="app")

    def upload(number: int) -> str:
        content = f"layer {number}".encode()
        where = {"repositoryName": "app"}
        where["uploadId"] = ecr.initiate_layer_upload(**where)["uploadId"]
        ecr.upload_layer_part(
            **where, partFirstByte=0, partLastByte=len(content) - 1, layerPartBlob=content
        )
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        return ecr.complete_layer_upload(**where, layerDigests=[digest])["layerDigest"]

    digests = at_once(upload)

    layers = ecr.batch_check_layer_availability(repositoryName="app", layerDigests=digests)
    assert {each["layerAvailability"] for each in layers["layers"]} == {"AVAILABLE"}
    assert len(set(digests)) == THREADS
