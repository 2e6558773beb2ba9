"""skopeo logs in to the registry, and without that gets nothing from it."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.clients

LOGIN = ("login", "--username", "AWS", "--password-stdin")


def test_login_is_kept_in_the_auth_file(skopeo, registry, home, single):
    said = skopeo(*LOGIN, registry.host, input=registry.password())

    skopeo("copy", single, registry.at(":v1"))

    assert said == "Login Succeeded!\n"
    assert json.loads((home / "auth.json").read_bytes())["auths"].keys() == {registry.host}
    assert registry.tags() == {single.digest: ["v1"]}


def test_login_is_refused_with_another_password(skopeo, registry):
    complaint = skopeo(*LOGIN, registry.host, input="guessed", fails=True)

    assert "invalid username/password" in complaint


def test_nobody_reads_without_a_login(skopeo, registry):
    complaint = skopeo("inspect", "--raw", registry.at(":v1"), fails=True)

    assert "unauthorized" in complaint


def test_a_login_ends_after_twelve_hours(skopeo, registry, logged_in, single):
    skopeo("copy", single, registry.at(":v1"))
    registry.clock.advance(hours=12)

    complaint = skopeo("inspect", "--raw", registry.at(":v1"), fails=True)

    assert "Your authorization token has expired. Reauthenticate and try again." in complaint


def test_an_image_is_copied_with_the_credentials_of_two_accounts(skopeo, registry, single):
    theirs = registry.other_account
    registry.create(registry.repository, account_id=theirs)
    skopeo("copy", "--dest-creds", registry.credentials(), single, registry.at(":v1"))

    skopeo(
        "copy",
        *("--src-creds", registry.credentials()),
        *("--dest-creds", registry.credentials(theirs)),
        *(registry.at(":v1"), registry.at(":v2")),
    )

    assert registry.described(registryId=theirs)[single.digest]["imageTags"] == ["v2"]
    assert registry.tags() == {single.digest: ["v1"]}
