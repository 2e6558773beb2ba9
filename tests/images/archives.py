"""Image archives as other programs write them, and a pull as a client does it."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import pytest

from ecrmock import UsageError, mock_aws
from ecrmock.images import Images

FIXTURES = Path(__file__).parents[2] / "fixtures"
WEB_APP = FIXTURES / "images" / "web-app"
SINGLE = FIXTURES / "images" / "single"
WEB_APP_DIGEST = "sha256:9cbd94eba048e08027b2f749b32c991d62e2c17c7dfe01c3c27ce92a0352ef57"
SINGLE_DIGEST = "sha256:977f573ecedcc03f6f6d42393fde68ac46d72b84b870d54ce9d1f7966f3921bb"

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
MANIFEST_TYPES = [OCI_INDEX, OCI_IMAGE, DOCKER_LIST, DOCKER_IMAGE]


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def dump(document) -> bytes:
    return json.dumps(document).encode()


def describe(data: bytes, media_type: str, **more):
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data), **more}


@dataclass
class Pulled:
    """What a client has after a pull: manifests and blobs by digest, and what the tag points to."""

    digest: str
    media_type: str
    manifests: dict[str, bytes] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)

    @property
    def document(self):
        return json.loads(self.manifests[self.digest])

    def config(self, digest: str | None = None):
        manifest = json.loads(self.manifests[digest or self.digest])
        return json.loads(self.blobs[manifest["config"]["digest"]])

    def layers(self, digest: str | None = None) -> list[bytes]:
        manifest = json.loads(self.manifests[digest or self.digest])
        return [self.blobs[layer["digest"]] for layer in manifest["layers"]]


def pull(ecr, repository: str, **image_id) -> Pulled:
    """Pull an image with its children, and check each size and digest on the way."""
    image = get_image(ecr, repository, **image_id)
    pulled = Pulled(image["imageId"]["imageDigest"], image["imageManifestMediaType"])
    waiting = [image]
    while waiting:
        image = waiting.pop()
        data = image["imageManifest"].encode()
        assert digest_of(data) == image["imageId"]["imageDigest"]
        pulled.manifests[digest_of(data)] = data
        document = json.loads(data)
        for child in document.get("manifests", ()):
            found = get_image(ecr, repository, imageDigest=child["digest"])
            assert len(found["imageManifest"].encode()) == child["size"]
            assert found["imageManifestMediaType"] == child["mediaType"]
            waiting.append(found)
        for blob in [document.get("config"), *document.get("layers", ())]:
            if blob is not None and blob["digest"] not in pulled.blobs:
                pulled.blobs[blob["digest"]] = download(ecr, repository, blob)
    return pulled


def get_image(ecr, repository: str, **image_id):
    answer = ecr.batch_get_image(
        repositoryName=repository, imageIds=[image_id], acceptedMediaTypes=MANIFEST_TYPES
    )
    assert answer["failures"] == []
    return answer["images"][0]


def download(ecr, repository: str, described) -> bytes:
    answer = ecr.get_download_url_for_layer(
        repositoryName=repository, layerDigest=described["digest"]
    )
    with urlopen(answer["downloadUrl"], timeout=10) as response:
        data = response.read()
    assert (digest_of(data), len(data)) == (described["digest"], described["size"])
    return data


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their names in it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def blob_name(data: bytes) -> str:
    return f"blobs/{digest_of(data).replace(':', '/')}"


def layout_of(entries, blobs) -> dict[str, bytes]:
    """Return the files of an OCI image layout with that list of descriptors, and those blobs."""
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
    return {
        "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
        "index.json": dump(index),
        **{blob_name(blob): blob for blob in blobs},
    }


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def tar_of(files: dict[str, bytes], *members: tarfile.TarInfo) -> bytes:
    """Return a tar archive of files, and of entries without content in front of them."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member in members:
            archive.addfile(member)
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def entry(name: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    return member


@dataclass
class Single:
    """The parts of the image `single` of the fixtures."""

    manifest: bytes
    config: bytes
    layers: list[bytes]

    @property
    def tars(self) -> list[bytes]:
        return [gzip.decompress(layer) for layer in self.layers]

    def save(self, **changes) -> dict[str, bytes]:
        """Return what `docker save` makes of it, as versions from 1.10 to 24 wrote it."""
        hex_digest = digest_of(self.config)[7:]
        names = [f"{digest_of(tar)[7:]}/layer.tar" for tar in self.tars]
        listed = {"Config": f"{hex_digest}.json", "RepoTags": ["worker:1.0.0"], "Layers": names}
        return {
            **dict(zip(names, self.tars, strict=True)),
            f"{hex_digest}.json": self.config,
            "manifest.json": dump([{**listed, **changes}]),
        }


def read_single() -> Single:
    blobs = {digest_of(data): data for data in files_of(SINGLE).values()}
    manifest = json.loads(blobs[SINGLE_DIGEST])
    layers = [blobs[layer["digest"]] for layer in manifest["layers"]]
    return Single(blobs[SINGLE_DIGEST], blobs[manifest["config"]["digest"]], layers)


def as_folder(files, folder):
    return write_folder(folder / "image", files)


def as_tar(files, folder):
    path = folder / "image.tar"
    path.write_bytes(tar_of(files))
    return path


def as_tar_with_dots(files, folder):
    return as_tar({f"./{name}": data for name, data in files.items()}, folder)


def as_packed_tar(files, folder):
    path = folder / "image.tar.gz"
    path.write_bytes(gzip.compress(tar_of(files)))
    return path


ACCEPTED = (
    "accepted are an OCI image layout and what `docker save` writes, each as a folder, as a tar "
    "file or as a tar file packed with gzip"
)
MOST_CHARACTERS = 1500


def refusal_of(path) -> str:
    """Load an image that must be refused, check that nothing came of it, and return the text."""
    with mock_aws() as aws:
        with pytest.raises(UsageError) as raised:
            Images(aws).load(path, "team/app:v1")
        assert aws.gateway.world.registries == {}
        assert len(aws.gateway.world.core.blobs) == 0
    text = str(raised.value)
    assert text.startswith(f"{path}: ")
    assert text.endswith(ACCEPTED)
    assert len(text) < MOST_CHARACTERS
    return text


def assert_says(text: str, pattern: str) -> None:
    assert re.search(pattern, text), text


def write_content(path: Path, content) -> Path:
    """Write bytes as a file, or a dict of them as a folder."""
    if isinstance(content, dict):
        return write_folder(path, content)
    path.write_bytes(content)
    return path


def without(tree, *names):
    return {name: data for name, data in tree.items() if name not in names}


def details(ecr, repository="team/app"):
    found = ecr.describe_images(repositoryName=repository)["imageDetails"]
    return {each["imageDigest"]: each for each in found}


def state_of(aws):
    """Return all that a push may change, in a form that can be compared."""
    world = aws.gateway.world.copy()
    ids = [world.core.ids.uuid() for _ in range(3)]
    return world.registries, world.core.blobs, list(world.core.timers), world.core.bus.events, ids
