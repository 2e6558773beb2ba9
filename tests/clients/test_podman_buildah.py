"""podman and buildah push and pull without the help of a kernel; what umoci writes is kept."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.clients

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
BUILD = "FROM scratch\nCOPY greeting /greeting\nLABEL team=a\n"


@pytest.fixture
def storage(unshare) -> list[str]:
    """Options for a storage at home, where the programs run: podman takes no long path.

    Layers are unpacked in a mount namespace, so nothing of this works where there is none.
    """
    return ["--root", "storage", "--runroot", "running", "--storage-driver", "vfs"]


@pytest.fixture
def podman(program, run, storage):
    """Run podman and return what it printed."""
    start = [program("podman"), *storage, "--cgroup-manager", "cgroupfs"]
    return lambda *arguments, **options: run([*start, *arguments], **options).stdout


@pytest.fixture
def buildah(program, run, storage):
    """Run buildah and return what it printed."""
    start = [program("buildah"), *storage]
    return lambda *arguments, **options: run([*start, *arguments], **options).stdout


@pytest.mark.parametrize("name", ["podman", "buildah"])
def test_login_is_kept(name, registry, home, request):
    client = request.getfixturevalue(name)
    login = ("login", "--tls-verify=false", "--username", "AWS", "--password-stdin")

    said = client(*login, registry.host, input=registry.password())

    assert said == "Login Succeeded!\n"
    assert registry.host in json.loads((home / "auth.json").read_bytes())["auths"]


@pytest.mark.usefixtures("logged_in")
def test_podman_pulls_an_image_and_pushes_it_again_as_it_was(podman, skopeo, registry, single):
    skopeo("copy", single, registry.at(":v1"))
    podman("pull", registry.name(":v1"))
    podman("tag", registry.name(":v1"), registry.name(":v2"))

    podman("push", registry.name(":v2"))

    shown = json.loads(podman("image", "inspect", registry.name(":v1")))
    assert shown[0]["Digest"] == single.digest
    assert registry.tags() == {single.digest: ["v1", "v2"]}


@pytest.mark.usefixtures("logged_in")
def test_buildah_pushes_a_manifest_list_of_what_it_built(buildah, skopeo, registry, tmp_path):
    (tmp_path / "greeting").write_text("hello")
    (tmp_path / "Dockerfile").write_text(BUILD)
    for platform in ("amd64", "arm64"):
        options = ("--isolation", "chroot", "--arch", platform, "--manifest", "both")
        buildah("build", *options, tmp_path)

    buildah("manifest", "push", "--all", "both", registry.at(":both"))

    index = json.loads(skopeo("inspect", "--raw", registry.at(":both")))
    platforms = {child["digest"]: child["platform"] for child in index["manifests"]}
    shown = registry.described()
    [tagged] = [digest for digest, detail in shown.items() if "imageTags" in detail]
    assert sorted(each["architecture"] for each in platforms.values()) == ["amd64", "arm64"]
    assert shown.keys() == {tagged, *platforms}
    assert shown[tagged]["imageManifestMediaType"] == INDEX


@pytest.mark.usefixtures("logged_in")
def test_buildah_pulls_the_image_of_an_index_for_a_platform(buildah, skopeo, registry, web_app):
    skopeo("copy", "--all", web_app, registry.at(":v1"))

    buildah("pull", "--arch", "arm64", registry.name(":v1"))

    shown = json.loads(buildah("inspect", "--type", "image", registry.name(":v1")))
    assert shown["FromImageDigest"] == web_app.child("arm64")


@pytest.fixture
def typeless(program, run, tmp_path, single):
    """An image that umoci wrote, whose manifest does not name its type."""
    umoci = program("umoci")
    written = single._replace(folder=tmp_path / "umoci")
    image = f"{written.folder}:{written.name}"
    (tmp_path / "file").write_text("hello")
    run([umoci, "init", "--layout", written.folder])
    run([umoci, "new", "--image", image])
    run([umoci, "insert", "--image", image, tmp_path / "file", "/file"])
    return written


@pytest.mark.usefixtures("logged_in")
def test_a_manifest_without_a_type_comes_back_byte_for_byte(skopeo, registry, typeless, fetched):
    skopeo("copy", typeless, registry.at(":v1"))

    skopeo("copy", registry.at(":v1"), fetched)

    [shown] = registry.described().values()
    assert "mediaType" not in typeless.document
    assert fetched.manifest == typeless.manifest
    assert shown["imageManifestMediaType"] == MANIFEST
