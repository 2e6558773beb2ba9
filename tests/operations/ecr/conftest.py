"""Images, and how to push them with the API alone."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass(frozen=True)
class Image:
    """A manifest as it is sent, and the bytes that it names by digest; the config comes first."""

    manifest: str
    blobs: dict[str, bytes]

    @property
    def digest(self) -> str:
        return sha256(self.manifest.encode())

    @property
    def document(self) -> dict:
        return json.loads(self.manifest)

    @property
    def media_type(self) -> str | None:
        return self.document.get("mediaType")

    @property
    def config(self) -> str:
        return self.document["config"]["digest"]

    @property
    def layers(self) -> list[str]:
        return [layer["digest"] for layer in self.document["layers"]]

    @property
    def size(self) -> int:
        return sum(len(content) for content in self.blobs.values())


def descriptor(media_type: str, content: bytes) -> dict:
    return {"mediaType": media_type, "digest": sha256(content), "size": len(content)}


def make_image(name: str = "app", *, layers: int = 1, docker: bool = False) -> Image:
    """Make a small image; another name or another number of layers gives other bytes."""
    config = json.dumps({"architecture": "amd64", "os": "linux", "author": name}).encode()
    contents = [f"{name} layer {number} of {layers}".encode() for number in range(layers)]
    if docker:
        types = "distribution.manifest.v2+json", "container.image.v1+json", "image.rootfs.diff.tar"
        manifest_type, config_type, layer_type = (f"{DOCKER}{each}" for each in types)
    else:
        types = "manifest.v1+json", "config.v1+json", "layer.v1.tar+gzip"
        manifest_type, config_type, layer_type = (f"{OCI}{each}" for each in types)
    document = {
        "schemaVersion": 2,
        "mediaType": manifest_type,
        "config": descriptor(config_type, config),
        "layers": [descriptor(layer_type, content) for content in contents],
    }
    blobs = {sha256(content): content for content in (config, *contents)}
    return Image(json.dumps(document), blobs)


INDEX_TYPES = {
    False: f"{OCI}index.v1+json",
    True: f"{DOCKER}distribution.manifest.list.v2+json",
}


def make_index(*children: Image, docker: bool = False, **members) -> Image:
    """Make an index of images or of other indexes; *members* join its own."""
    platforms = [{"architecture": each, "os": "linux"} for each in ("amd64", "arm64", "s390x")]
    manifests = [
        descriptor(child.media_type, child.manifest.encode())
        | ({"platform": platforms[number]} if number < len(platforms) else {})
        for number, child in enumerate(children)
    ]
    document = {"schemaVersion": 2, "mediaType": INDEX_TYPES[docker], "manifests": manifests}
    return Image(json.dumps(document | members), {})


def make_artifact(subject: Image | None = None, name: str = "note", **members) -> Image:
    """Make an artifact as OCI 1.1 has it: empty config, a type, one layer, maybe a subject."""
    content = f"the content of {name}".encode()
    document = {
        "schemaVersion": 2,
        "mediaType": f"{OCI}manifest.v1+json",
        "artifactType": "application/vnd.example.note",
        "config": descriptor("application/vnd.oci.empty.v1+json", b"{}"),
        "layers": [descriptor("text/plain", content)],
    }
    if subject is not None:
        document["subject"] = descriptor(subject.media_type, subject.manifest.encode())
    return Image(json.dumps(document | members), {sha256(each): each for each in (b"{}", content)})


def read_image(manifest: Path, *folders: Path) -> Image:
    """Read an image whose blobs are files, named by their digest."""
    text = manifest.read_bytes().decode()
    document = json.loads(text)
    blobs = {}
    for each in (document["config"], *document["layers"]):
        name = each["digest"].removeprefix("sha256:")
        blobs[each["digest"]] = next(
            (folder / name).read_bytes() for folder in folders if (folder / name).exists()
        )
    return Image(text, blobs)


class Images:
    """Images and blobs for one repository, pushed with the API alone."""

    make = staticmethod(make_image)
    index = staticmethod(make_index)
    artifact = staticmethod(make_artifact)

    def __init__(self, ecr, repository: str) -> None:
        self._ecr = ecr
        self._repository = repository

    @property
    def single(self) -> Image:
        """The image of one platform in `fixtures/images`."""
        folder = FIXTURES / "images" / "single"
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        name = index["manifests"][0]["digest"].removeprefix("sha256:")
        blobs = folder / "blobs" / "sha256"
        return read_image(blobs / name, blobs)

    def from_file(self, name: str) -> Image:
        """Read an image by the name of its file in `fixtures/manifests`."""
        folders = ("manifests/blobs", "images/single/blobs", "images/web-app/blobs")
        return read_image(
            FIXTURES / "manifests" / name, *(FIXTURES / each / "sha256" for each in folders)
        )

    def upload(self, content: bytes, repository: str | None = None) -> str:
        """Upload a blob in one part and return its digest."""
        where = {"repositoryName": repository or self._repository}
        where["uploadId"] = self._ecr.initiate_layer_upload(**where)["uploadId"]
        self._ecr.upload_layer_part(
            **where, partFirstByte=0, partLastByte=len(content) - 1, layerPartBlob=content
        )
        completed = self._ecr.complete_layer_upload(**where, layerDigests=[sha256(content)])
        return completed["layerDigest"]

    def upload_blobs(self, image: Image, repository: str | None = None) -> None:
        """Upload the blobs of an image that the repository does not have."""
        found = self._ecr.batch_check_layer_availability(
            repositoryName=repository or self._repository, layerDigests=list(image.blobs)
        )
        for layer in found["layers"]:
            if layer["layerAvailability"] == "UNAVAILABLE":
                self.upload(image.blobs[layer["layerDigest"]], repository)

    def push(
        self, image: Image, tag: str | None = None, *, repository: str | None = None, **options
    ) -> dict:
        """Upload the blobs that are missing, put the manifest and return the reply's image."""
        if image.blobs:
            self.upload_blobs(image, repository)
        if tag is not None:
            options["imageTag"] = tag
        return self._ecr.put_image(
            repositoryName=repository or self._repository, imageManifest=image.manifest, **options
        )["image"]

    def push_index(self, tag: str | None = None, *, docker: bool = False) -> tuple[Image, ...]:
        """Push an index of two platforms; return it and its children."""
        children = [make_image(name, docker=docker) for name in ("amd64", "arm64")]
        for child in children:
            self.push(child)
        index = make_index(*children, docker=docker)
        self.push(index, tag)
        return index, *children

    def delete(self, *ids: dict, **parameters) -> tuple[list[dict], list[dict]]:
        """Delete images by ids; return what BatchDeleteImage answers: ids and failures."""
        response = self._ecr.batch_delete_image(
            **{"repositoryName": self._repository} | parameters, imageIds=list(ids)
        )
        assert set(response) == {"imageIds", "failures", "ResponseMetadata"}
        return response["imageIds"], response["failures"]

    def describe(self, **parameters) -> dict[str, dict]:
        """Return the details that DescribeImages shows, by digest; each digest comes once."""
        parameters = {"repositoryName": self._repository} | parameters
        details = self._ecr.describe_images(**parameters)["imageDetails"]
        by_digest = {detail["imageDigest"]: detail for detail in details}
        assert len(by_digest) == len(details)
        return by_digest

    def tags(self) -> dict[str, list[str] | None]:
        """Return the sorted tags of each image by digest; None where the member is absent."""
        return {
            digest: sorted(detail["imageTags"]) if "imageTags" in detail else None
            for digest, detail in self.describe().items()
        }

    def pairs(self, **parameters) -> set[tuple[str, str | None]]:
        """Return the pairs of digest and tag that ListImages shows; each pair comes once."""
        parameters = {"repositoryName": self._repository} | parameters
        ids = self._ecr.list_images(**parameters)["imageIds"]
        pairs = {(each["imageDigest"], each.get("imageTag")) for each in ids}
        assert len(pairs) == len(ids)
        return pairs


@pytest.fixture
def ecr(door):
    return door.client("ecr")


@pytest.fixture
def unchecked(door):
    """A client that sends what botocore would refuse by itself."""
    return door.unchecked("ecr")


@pytest.fixture
def repository(ecr) -> str:
    """The name of a repository that exists and is empty."""
    ecr.create_repository(repositoryName="team-a/web-app")
    return "team-a/web-app"


@pytest.fixture
def images(ecr, repository) -> Images:
    """What makes images and pushes them to `repository`."""
    return Images(ecr, repository)


@pytest.fixture(scope="session")
def digest_of():
    return sha256
