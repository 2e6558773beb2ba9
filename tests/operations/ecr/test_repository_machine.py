"""One repository, driven at random, agrees with a small model of what ECR documents."""

from __future__ import annotations

from itertools import count

import pytest
from botocore.exceptions import ClientError

hypothesis = pytest.importorskip("hypothesis")

from hypothesis import Phase, settings, stateful  # noqa: E402 - only where it is installed
from hypothesis import strategies as st  # noqa: E402

NAMES = ("one", "two")
TAGS = ("latest", "dev-1")
FILTER = "dev-*"
MODES = ("MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION")

any_image = st.sampled_from(NAMES)
any_tag = st.sampled_from(TAGS)


def code_of(call, **parameters) -> str | None:
    """Call, and return the code of the error, or None for a success."""
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


class RepositoryMachine(stateful.RuleBasedStateMachine):
    """Calls and the model side by side; every step ends with a look at the whole repository."""

    def __init__(self, ecr, name: str, images) -> None:
        super().__init__()
        self.ecr, self.name, self.images = ecr, name, images
        self.mode: str | None = None  # None: there is no repository
        self.blobs: set[str] = set()
        self.tags: dict[str, str] = {}  # tag to digest
        self.stored: dict[str, str] = {}  # digest to the name of its image

    # ------------------------------------------------------------------ the model

    def is_immutable(self, tag: str) -> bool:
        excluded = tag.startswith("dev-") and self.mode.endswith("_WITH_EXCLUSION")
        return self.mode.startswith("IMMUTABLE") != excluded

    def outcome_of_put(self, image, tag: str | None) -> str | None:
        if self.mode is None:
            return "RepositoryNotFoundException"
        if not self.blobs >= set(image.blobs):
            return "LayersNotFoundException"
        if image.digest in self.stored and (tag is None or self.tags.get(tag) == image.digest):
            return "ImageAlreadyExistsException"
        if tag in self.tags and self.is_immutable(tag):
            return "ImageTagAlreadyExistsException"
        return None

    def pairs(self) -> set[tuple[str, str | None]]:
        untagged = set(self.stored) - set(self.tags.values())
        return {(digest, tag) for tag, digest in self.tags.items()} | {
            (digest, None) for digest in untagged
        }

    # ------------------------------------------------------------------ the rules

    @stateful.initialize(mode=st.sampled_from(MODES))
    def begin(self, mode):
        self.create(mode)

    @stateful.rule(mode=st.sampled_from(MODES))
    def create_again(self, mode):
        self.create(mode)

    def create(self, mode):
        options = {"imageTagMutability": mode}
        if mode.endswith("_WITH_EXCLUSION"):
            options["imageTagMutabilityExclusionFilters"] = [
                {"filterType": "WILDCARD", "filter": FILTER}
            ]
        expected = None if self.mode is None else "RepositoryAlreadyExistsException"

        assert code_of(self.ecr.create_repository, repositoryName=self.name, **options) == expected

        if self.mode is None:
            self.mode = mode

    @stateful.precondition(lambda self: self.mode is not None)
    @stateful.rule(name=any_image)
    def upload(self, name):
        for digest, content in self.images[name].blobs.items():
            self.send(digest, content)

    def send(self, digest: str, content: bytes) -> None:
        where = {"repositoryName": self.name}
        where["uploadId"] = self.ecr.initiate_layer_upload(**where)["uploadId"]
        self.ecr.upload_layer_part(
            **where, partFirstByte=0, partLastByte=len(content) - 1, layerPartBlob=content
        )
        expected = "LayerAlreadyExistsException" if digest in self.blobs else None
        completed = code_of(self.ecr.complete_layer_upload, **where, layerDigests=[digest])
        assert completed == expected
        self.blobs.add(digest)

    @stateful.precondition(lambda self: self.mode is not None)
    @stateful.rule(name=any_image, tag=any_tag)
    def push(self, name, tag):
        for digest, content in self.images[name].blobs.items():
            if digest not in self.blobs:
                self.send(digest, content)
        self.put(name, tag)

    @stateful.rule(name=any_image, tag=st.none() | any_tag)
    def put_alone(self, name, tag):
        self.put(name, tag)

    def put(self, name, tag):
        image = self.images[name]
        expected = self.outcome_of_put(image, tag)
        options = {} if tag is None else {"imageTag": tag}

        code = code_of(
            self.ecr.put_image, repositoryName=self.name, imageManifest=image.manifest, **options
        )

        assert code == expected
        if code is None:
            self.stored[image.digest] = name
            if tag is not None:
                self.tags[tag] = image.digest

    @stateful.precondition(lambda self: self.mode is not None)
    @stateful.rule(tag=any_tag)
    def pull(self, tag):
        reply = self.ecr.batch_get_image(repositoryName=self.name, imageIds=[{"imageTag": tag}])

        if tag in self.tags:
            digest = self.tags[tag]
            (found,) = reply["images"]
            assert found["imageId"] == {"imageDigest": digest, "imageTag": tag}
            assert found["imageManifest"] == self.images[self.stored[digest]].manifest
        else:
            (failure,) = reply["failures"]
            assert failure["failureCode"] == "ImageNotFound"

    @stateful.rule(force=st.sampled_from([False, False, False, True]))
    def delete(self, force):
        if self.mode is None:
            expected = "RepositoryNotFoundException"
        elif self.stored and not force:
            expected = "RepositoryNotEmptyException"
        else:
            expected = None

        assert (
            code_of(self.ecr.delete_repository, repositoryName=self.name, force=force) == expected
        )

        if expected is None:
            self.mode = None
            self.blobs, self.tags, self.stored = set(), {}, {}

    # ----------------------------------------------------- what always holds

    @stateful.invariant()
    def lists_agree(self):
        if self.mode is None:
            code = code_of(self.ecr.list_images, repositoryName=self.name)
            assert code == "RepositoryNotFoundException"
            return
        pages = self.ecr.get_paginator("list_images").paginate(
            repositoryName=self.name, PaginationConfig={"PageSize": 2}
        )
        ids = [each for page in pages for each in page["imageIds"]]
        assert len(ids) == len(self.pairs())
        assert {(each["imageDigest"], each.get("imageTag")) for each in ids} == self.pairs()

    @stateful.invariant()
    def details_agree(self):
        if self.mode is None:
            return
        details = self.ecr.describe_images(repositoryName=self.name)["imageDetails"]
        assert sorted(each["imageDigest"] for each in details) == sorted(self.stored)
        for each in details:
            digest = each["imageDigest"]
            tags = {tag for tag, of in self.tags.items() if of == digest}
            assert set(each.get("imageTags", ())) == tags
            assert ("imageTags" in each) == bool(tags)
            assert each["imageSizeInBytes"] == self.images[self.stored[digest]].size

    @stateful.invariant()
    def layers_agree(self):
        if self.mode is None:
            return
        every = [digest for image in self.images.values() for digest in image.blobs]
        layers = self.ecr.batch_check_layer_availability(
            repositoryName=self.name, layerDigests=every
        )["layers"]
        there = {e["layerDigest"] for e in layers if e["layerAvailability"] == "AVAILABLE"}
        assert there == self.blobs


def test_a_repository_agrees_with_the_model(ecr, images):
    made = {name: images.make(name, layers=number) for number, name in enumerate(NAMES, start=1)}
    numbers = count()

    stateful.run_state_machine_as_test(
        lambda: RepositoryMachine(ecr, f"random-{next(numbers)}", made),
        settings=settings(stateful_step_count=25, phases=set(Phase) - {Phase.explain}),
    )
