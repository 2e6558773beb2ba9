"""Floor 9: a login to a served registry, in the files that Docker's tools read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecrmock.core import arn
from ecrmock.ecr import tokens
from ecrmock.iam.principals import administrator

if TYPE_CHECKING:
    from pathlib import Path

    from ecrmock.gateway.pipeline import Gateway


@dataclass(frozen=True)
class Login:
    """What a client needs in order to push and pull.

    Attributes:
        host: the registry, with its port, as it stands before the name of an image.
        username: `AWS`.
        password: good for twelve hours of the mock's clock.
        auth_file: for `REGISTRY_AUTH_FILE` or `--authfile` of skopeo, podman and buildah.
        docker_config: for `DOCKER_CONFIG` of docker, crane and oras.
    """

    host: str
    username: str
    password: str
    auth_file: Path
    docker_config: Path

    def ref(self, image: str) -> str:
        """Return the full name of an image, for example of `team/app:v1`."""
        return f"{self.host}/{image}"


def write(gateway: Gateway, host: str, folder: Path, *, account_id: str, region: str) -> Login:
    """Ask for a token as the administrator of an account, and write it into *folder*."""
    with gateway.lock:
        core = gateway.world.core
        principal = administrator(arn.partition_of(region), account_id)
        password, _ = tokens.issue(core, principal.arn, region)
    config = {"auths": {host: {"auth": tokens.authorization_token(password)}}}
    path = folder / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    return Login(host, tokens.USER, password, path, folder)
