"""`aws.images.load`: what is damaged, or made to do harm, is refused with a sentence."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import tarfile
import zipfile

import pytest

from tests.images.archives import (
    OCI_IMAGE,
    SINGLE,
    assert_says,
    blob_name,
    describe,
    entry,
    files_of,
    layout_of,
    link,
    read_single,
    tar_of,
    without,
    write_folder,
)

MEBIBYTE = 1 << 20

ONE = read_single()
LAYOUT = files_of(SINGLE)
SAVED = ONE.save()
CONFIG = next(name for name in SAVED if name.endswith(".json") and name != "manifest.json")
LAYER = next(name for name in SAVED if name.endswith("layer.tar"))
MANIFEST_BLOB = blob_name(ONE.manifest)
CONFIG_BLOB = blob_name(ONE.config)
LAYER_BLOB = blob_name(ONE.layers[0])


def indexed(**members):
    """Return a layout whose index describes the manifest in another way."""
    return LAYOUT | layout_of([{**describe(ONE.manifest, OCI_IMAGE), **members}], [])


# --------------------------------------------------------------------- what is no such archive


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.json", "{}")
    return out.getvalue()


NO_ARCHIVE = {
    "an empty file": (b"", "it is no tar file that can be read: "),
    "a text": (b"FROM scratch\n" * 100, "it is no tar file that can be read: "),
    "zeros": (bytes(10240), "has neither 'index.json' nor 'manifest.json', but nothing"),
    "a zip file": (zipped(), "it is a zip file"),
    "bzip2": (bz2.compress(tar_of(LAYOUT)), "it is packed with bzip2"),
    "xz": (b"\xfd7zXZ\0...", "it is packed with xz"),
    "zstd": (b"\x28\xb5\x2f\xfd...", "it is packed with zstd"),
    "gzip of a text": (gzip.compress(b"FROM scratch"), "it is no tar file that can be read: "),
    "half of gzip": (gzip.compress(tar_of(LAYOUT))[:-500], "its gzip is damaged: "),
    "gzip of noise": (b"\x1f\x8b\x08" + bytes(range(256)), "its gzip is damaged: "),
    "gzip twice": (
        gzip.compress(gzip.compress(tar_of(LAYOUT))),
        "it is no tar file that can be read: ",
    ),
    "an empty folder": ({".keep": b""}, "has neither .*, but '.keep'"),
    "another archive": (tar_of({"etc/passwd": b"", "bin/sh": b""}), "but 'bin', 'etc'"),
    "a layout in a folder": (
        tar_of({f"web/{name}": data for name, data in LAYOUT.items()}),
        "has neither 'index.json' nor 'manifest.json', but 'web'",
    ),
    "docker save before 1.10": (tar_of({"repositories": b"{}"}), "but 'repositories'"),
    "many names": (
        {f"file-{n:02}": b"" for n in range(12)},
        "'file-08', 'file-09', ...; accepted",
    ),
}


@pytest.mark.parametrize(("content", "text"), NO_ARCHIVE.values(), ids=NO_ARCHIVE)
def test_what_is_no_image_archive_is_refused(load, write, content, text):
    path = write(content)

    assert_says(load(path), text)


def test_a_path_to_nothing_is_refused(load, tmp_path):
    assert "it cannot be opened: " in load(tmp_path / "nowhere")


def test_a_path_with_a_null_is_refused(load, tmp_path):
    assert "it cannot be opened: " in load(f"{tmp_path}/a\0b")


def test_a_pipe_is_refused_and_not_waited_for(load, tmp_path):
    os.mkfifo(tmp_path / "pipe")

    assert "it is neither a file nor a folder" in load(tmp_path / "pipe")


def test_a_path_in_a_circle_is_refused(load, tmp_path):
    (tmp_path / "loop").symlink_to("loop")

    assert "it cannot be opened: " in load(tmp_path / "loop")


# ------------------------------------------------------------------------- what leads outside


TRAVERSAL = {
    "an entry above": (tar_of({"../evil": b"", **LAYOUT}), "it names '../evil', which is outside"),
    "an entry above, deep": (
        tar_of({"blobs/../../evil": b"", **LAYOUT}),
        "it names 'blobs/../../evil', which is outside of it",
    ),
    "an absolute entry": (tar_of({"/etc/cron.d/evil": b"", **LAYOUT}), "it names '/etc/cron.d"),
    "a layer above": (tar_of(ONE.save(Layers=["../../etc/passwd", "x"])), "it names '../../etc"),
    "an absolute layer": (tar_of(ONE.save(Layers=["/etc/passwd", "x"])), "'/etc/passwd', which is"),
    "an absolute configuration": (ONE.save(Config="/etc/passwd"), "it names '/etc/passwd'"),
    "a configuration above": (ONE.save(Config="../../etc/passwd"), "it names '../../etc/passwd'"),
    "a name with a null": (ONE.save(Config="a\0b"), "it names 'a.x00b', which is outside"),
    "a digest that is a path": (
        indexed(digest="sha256:../../../../etc/passwd"),
        "with the digest 'sha256:../../../../etc/passwd', no sha256",
    ),
    "a link": (
        tar_of(without(LAYOUT, CONFIG_BLOB), link(CONFIG_BLOB, "../../../etc/passwd")),
        "is a link that leads outside of it",
    ),
    "an absolute link": (
        tar_of(without(LAYOUT, CONFIG_BLOB), link(CONFIG_BLOB, "/etc/passwd")),
        "is a link that leads outside of it",
    ),
    "a hard link": (
        tar_of(without(SAVED, LAYER), link(LAYER, "../etc/passwd", tarfile.LNKTYPE)),
        "is a link that leads outside of it",
    ),
    "a link by a link": (
        tar_of(without(SAVED, LAYER), link(LAYER, "../a"), link("a", "..")),
        "is a link that leads outside of it",
    ),
    "a circle": (
        tar_of(without(SAVED, LAYER), link(LAYER, "../a"), link("a", "b"), link("b", "a")),
        "is a link that leads in a circle",
    ),
    "a link to itself": (
        tar_of(without(SAVED, LAYER), link(LAYER, "layer.tar")),
        "is a link that leads in a circle",
    ),
    "a link to nothing": (
        tar_of(without(SAVED, LAYER), link(LAYER, "other.tar")),
        "links to, is missing",
    ),
}


@pytest.mark.parametrize(("content", "text"), TRAVERSAL.values(), ids=TRAVERSAL)
def test_what_leads_outside_or_in_circles_is_refused(load, write, content, text):
    path = write(content)

    assert_says(load(path), text)


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("/etc/passwd", "is a link that leads outside of it"),
        ("../../../secret", "is a link that leads outside of it"),
        (CONFIG_BLOB.rpartition("/")[2], "leads nowhere: "),
        ("nothing", "is missing"),
        (".", "is no plain file"),
    ],
    ids=["absolute", "above", "circle", "nothing", "folder"],
)
def test_a_link_in_a_folder_is_not_followed_outside(load, write, tmp_path, target, text):
    (tmp_path / "secret").write_bytes(ONE.config)
    folder = write(without(LAYOUT, CONFIG_BLOB))
    (folder / CONFIG_BLOB).symlink_to(target)

    assert text in load(folder)


def test_a_folder_of_blobs_elsewhere_is_not_read(load, write, tmp_path):
    folder = write(without(LAYOUT, *(name for name in LAYOUT if name.startswith("blobs/"))))
    write_folder(tmp_path / "elsewhere", LAYOUT)
    (folder / "blobs").symlink_to(tmp_path / "elsewhere" / "blobs")

    assert "is a link that leads outside of it" in load(folder)


def test_a_pipe_in_a_folder_is_refused_and_not_waited_for(load, write):
    folder = write(without(LAYOUT, CONFIG_BLOB))
    os.mkfifo(folder / CONFIG_BLOB)

    assert "is no plain file" in load(folder)


# -------------------------------------------------------------------------- what is no file


NO_FILE = {
    "index.json": (without(LAYOUT, "index.json"), "index.json"),
    "manifest.json": (without(SAVED, "manifest.json"), "manifest.json"),
    "the version": (without(LAYOUT, "oci-layout"), "oci-layout"),
    "a manifest": (without(LAYOUT, MANIFEST_BLOB), MANIFEST_BLOB),
    "a blob": (without(LAYOUT, LAYER_BLOB), LAYER_BLOB),
    "a saved configuration": (without(SAVED, CONFIG), CONFIG),
    "a saved layer": (without(SAVED, LAYER), LAYER),
}


@pytest.mark.parametrize(("tree", "name"), NO_FILE.values(), ids=NO_FILE)
def test_a_folder_where_a_file_should_be_is_refused(load, write, tree, name):
    folder = write(tree)
    (folder / name).mkdir(parents=True)

    assert f"{name!r} is no plain file" in load(folder)


@pytest.mark.parametrize(
    "kind", [tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE], ids=["folder", "pipe", "device"]
)
@pytest.mark.parametrize(("tree", "name"), NO_FILE.values(), ids=NO_FILE)
def test_an_entry_that_is_no_file_is_refused(load, write, tree, name, kind):
    path = write(tar_of(tree, entry(name, kind)))

    assert f"{name!r} is no plain file" in load(path)


# --------------------------------------------------------------------- bytes that do not match


def changed(tree, name, data):
    return {**tree, name: data}


OTHER_BYTES = {
    "a manifest": changed(LAYOUT, MANIFEST_BLOB, b"{" + b" " * (len(ONE.manifest) - 2) + b"}"),
    "a configuration": changed(LAYOUT, CONFIG_BLOB, ONE.config.swapcase()),
    "a layer": changed(LAYOUT, LAYER_BLOB, ONE.layers[0].swapcase()),
    "a saved configuration": changed(SAVED, CONFIG, ONE.config + b" "),
    "a saved layer": changed(SAVED, LAYER, ONE.tars[1]),
    "a saved layer, packed": changed(SAVED, LAYER, ONE.layers[1]),
}


@pytest.mark.parametrize("pack", [dict, tar_of], ids=["folder", "tar"])
@pytest.mark.parametrize("tree", OTHER_BYTES.values(), ids=OTHER_BYTES)
def test_bytes_with_another_digest_are_refused(load, write, tree, pack):
    path = write(pack(tree))

    assert_says(load(path), "holds (bytes|a layer) with the digest sha256:[0-9a-f]{64}")


@pytest.mark.parametrize("name", [MANIFEST_BLOB, CONFIG_BLOB, LAYER_BLOB])
@pytest.mark.parametrize(
    ("change", "found"),
    [(lambda data: data[:-1], r"\d+"), (lambda data: data + b"\0" * MEBIBYTE * 3, "more")],
    ids=["shorter", "longer"],
)
def test_a_blob_of_another_size_is_refused(load, write, name, change, found):
    path = write(changed(LAYOUT, name, change(LAYOUT[name])))

    assert_says(load(path), rf"has {found} bytes, not the \d+ that its descriptor says")


@pytest.mark.parametrize(
    ("tree", "name"),
    [
        (LAYOUT, MANIFEST_BLOB),
        (LAYOUT, CONFIG_BLOB),
        (LAYOUT, LAYER_BLOB),
        (SAVED, CONFIG),
        (SAVED, LAYER),
    ],
    ids=["manifest", "configuration", "layer", "saved configuration", "saved layer"],
)
@pytest.mark.parametrize("pack", [dict, tar_of], ids=["folder", "tar"])
def test_a_blob_that_is_missing_is_refused(load, write, tree, name, pack):
    path = write(pack(without(tree, name)))

    assert f"{name!r} is missing" in load(path)
