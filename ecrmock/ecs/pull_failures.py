"""Why an image could not be pulled, in the words of whoever pulled it.

Fargate says it of the task, an instance's agent of the container.
Source: ECS developer guide, CannotPullContainer errors; the agent's own messages; captured tasks.
Assumed: the text for a layer that Fargate may not fetch, after the documented template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

FAILED: Final = "Task failed to start"
"""What the task says where the container says why."""

Cause = Literal[
    "no token", "no manifest", "no layer", "no repository", "no image", "no platform", "no role"
]


@dataclass(slots=True, frozen=True)
class PullFailure:
    """Why an image was not pulled."""

    cause: Cause
    image: str
    host: str = ""
    repository: str = ""
    account_id: str = ""
    selector: str = ""
    """The tag or the digest."""
    denial: str = ""
    """What IAM says: `User: ... is not authorized to perform: ...`."""
    layer: str = ""
    platform: str = ""
    request_id: str = ""


def fargate(failure: PullFailure) -> str:
    """Return what a task on Fargate says."""
    return _FARGATE[failure.cause](failure)


def agent(failure: PullFailure) -> str:
    """Return what a container on an instance says."""
    return _AGENT[failure.cause](failure)


def _unresolved(failure: PullFailure) -> str:
    return (
        f"CannotPullContainerError: pull image manifest has been retried 7 time(s): "
        f"failed to resolve ref {failure.image}: {failure.image}: not found"
    )


_FARGATE: Final[Mapping[Cause, Callable[[PullFailure], str]]] = {
    "no token": lambda f: (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
        "retrieval failed: unable to retrieve ecr registry auth: service call has been retried "
        f"1 time(s): AccessDeniedException: {f.denial} status code: 400, "
        f"request id: {f.request_id}"
    ),
    "no role": lambda f: (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
        f"retrieval failed: unable to get ECR auth: {f.denial}"
    ),
    "no manifest": lambda f: (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to "
        f"resolve ref {f.image}: pulling from host {f.host} failed with status code "
        f"[manifests {f.selector}]: 403 Forbidden"
    ),
    "no layer": lambda f: (
        "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: "
        "httpReaderSeeker: failed open: unexpected status code "
        f"https://{f.host}/v2/{f.repository}/blobs/{f.layer}: 403 Forbidden"
    ),
    "no repository": _unresolved,
    "no image": _unresolved,
    "no platform": lambda f: (
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): "
        f"image Manifest does not contain descriptor matching platform '{f.platform}'"
    ),
}

_AGENT: Final[Mapping[Cause, Callable[[PullFailure], str]]] = {
    "no token": lambda f: f"CannotPullECRContainerError: AccessDeniedException: {f.denial}",
    "no role": lambda _: "CannotPullECRContainerError: engine ecr credentials: not found",
    "no manifest": lambda f: (
        "CannotPullContainerError: The task can’t pull the image. Check that the role has the "
        "permissions to pull images from the registry. Error response from daemon: pull access "
        f"denied for {f.host}/{f.repository}, repository does not exist or may require "
        f"'docker login': denied: {f.denial}"
    ),
    "no layer": lambda f: (
        "CannotPullContainerError: Error response from daemon: error pulling image configuration: "
        f"download failed after attempts=1: denied: {f.denial}"
    ),
    "no repository": lambda f: (
        f"CannotPullContainerError: Error response from daemon: repository {f.host}/{f.repository} "
        f"not found: name unknown: The repository with name '{f.repository}' does not exist in the "
        f"registry with id '{f.account_id}'"
    ),
    "no image": lambda _: (
        "CannotPullImageManifestError: manifest unknown: Requested image not found"
    ),
    "no platform": lambda f: (
        "CannotPullContainerError: Error response from daemon: no matching manifest for "
        f"{f.platform} in the manifest list entries"
    ),
}
