"""Which test covers which case of the OCI conformance suites, and where ECR is otherwise."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TABLE = json.loads((HERE / "conformance.json").read_text(encoding="utf-8"))
NAMED = [(part["part"], row) for part in TABLE["parts"] for row in part["rows"]]
ROWS = [row for _, row in NAMED]

# What both suites do: the kinds of clients.md, section 2, and the steps of the v1.1.1 workflows.
LISTED = {
    "pull": """
        blob head missing, blob head, blob get missing, blob get, manifest head missing,
        manifest head by digest, manifest head by tag, manifest get missing,
        manifest get by digest, manifest get by tag, error body
    """,
    "push": """
        streamed patch, streamed put, post with digest, blob get after post, post session,
        put blob, blob get after put, out-of-order chunk, first chunk, repeated chunk,
        status of a stale session, second chunk, put ends chunks, mount without from, mount,
        blob get after mount, mount of a missing blob, mount found by itself, manifest get missing,
        manifest put, manifest without layers, manifest get by digest, config as artifact type,
        artifact type, index, nested index, dangling subject
    """,
    "discovery": """
        subject header, tags, tags with n, tags with last, referrers of nothing, referrers,
        referrers filtered, filters header, referrers of a missing manifest
    """,
    "management": """
        delete tag, delete manifest, get deleted manifest, tags after deletion, delete blob,
        get deleted blob
    """,
    "blobs": """
        ping, single post, post and put, chunked single, chunked multi, chunked multi and put chunk,
        chunked out of order, chunked out of order and put chunk, streamed, mounted with source,
        mounted without source, mounted from a missing source, cancelled, range inside,
        range from, range of the last, range over the end, range turned round,
        range out of bounds, empty blob, empty JSON, missing blob, bad digest by post,
        bad digest by post and put, bad digest chunked, bad digest streamed, sha512 blobs
    """,
    "data": """
        image, image uncompressed, large manifest, index, nested index, empty index, artifact,
        artifact index, artifact without layers, artifacts with subject, index with subject,
        missing subject, data field, non-distributable layers, custom fields, no layers,
        sparse image, sparse index, sha512 manifests, tag parameter, bad digest,
        malformed digest, missing manifest by digest, missing manifest by tag, empty tag list,
        empty referrers
    """,
}


def listed(part: str) -> list[str]:
    return [" ".join(each.split()) for each in LISTED[part].split(",")]


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("part", TABLE["parts"], ids=lambda part: part["part"])
def test_every_case_of_the_suites_has_one_row(part):
    assert [row["case"] for row in part["rows"]] == listed(part["part"])


def test_every_part_of_the_suites_is_in_the_table():
    assert [part["part"] for part in TABLE["parts"]] == list(LISTED)


@pytest.mark.parametrize("row", ROWS, ids=[f"{part}: {row['case']}" for part, row in NAMED])
def test_every_row_names_tests_that_exist(row):
    assert row["tests"]
    for each in row["tests"]:
        path, _, name = each.partition("::")
        name, _, parameter = name.partition("[")
        assert name in names_in(ROOT / path)
        assert parameter.removesuffix("]") in (ROOT / path).read_text(encoding="utf-8")


def test_a_deviation_says_what_ecr_does_and_why():
    for row in ROWS:
        assert set(row) <= {"case", "tests", "deviates"}
        assert row.get("deviates", "a sentence") != ""
