"""Floor 3: how a task pulls an image from ECR: who asks, what is asked, and what is there.

The same decision function and the same images that the API and the registry have. Permission comes
before existence. Source: ECS developer guide, task execution role and container instance role;
ECR user guide, using images with ECS. Assumed: what the world has never heard of is there, and an
image that is not in ECR always is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ecrmock.core import arn, image_reference
from ecrmock.core.errors import AccessDeniedException
from ecrmock.ecr import images, manifests, repositories
from ecrmock.ecs.pull_failures import PullFailure
from ecrmock.iam import roles
from ecrmock.iam.decide import Decision, decide
from ecrmock.iam.principals import administrator

if TYPE_CHECKING:
    from ecrmock.core.image_reference import Reference
    from ecrmock.ecr.state import Image, Registry, Repository
    from ecrmock.ecs.state import Task
    from ecrmock.iam.principals import Principal
    from ecrmock.world import World

_ACTIONS: Final = (
    ("ecr:GetAuthorizationToken", "no token"),
    ("ecr:BatchGetImage", "no manifest"),
    ("ecr:GetDownloadUrlForLayer", "no layer"),
)
"""What a pull asks for, in this order. Assumed: `ecr:BatchCheckLayerAvailability` is not asked."""
_MACHINES: Final = {"x86_64": "amd64", "arm64": "arm64"}
"""The processors of ECS, as images name them."""


def pull(world: World, task: Task, image: str, region: str) -> str | PullFailure | None:
    """Pull an image for a task.

    Args:
        world: where the registry is.
        task: for whom.
        image: the reference.
        region: of the task.

    Returns: the digest of what was pulled; None where it is not known; or why it was not.
    """
    reference = image_reference.parse(image)
    if reference.account_id is None or reference.region is None:
        return None
    registry = world.registry(reference.account_id, reference.region)
    principal = _puller(world, task, region)
    asked = _Pull(world, task, image, reference, registry)
    return asked.failure("no role") if principal is None else asked.run(principal)


def assume_repository(world: World, image: str) -> None:
    """Note that the repository of an image is taken to exist, where nobody has heard of it."""
    reference = image_reference.parse(image)
    if reference.account_id is None or reference.region is None or world.strict:
        return
    registry = world.registry(reference.account_id, reference.region)
    if reference.repository not in registry.heard_of:
        world.core.assume(f"repository {reference.host}/{reference.repository}")


class _Pull:
    """One pull: who wants what."""

    def __init__(
        self, world: World, task: Task, image: str, reference: Reference, registry: Registry
    ) -> None:
        self.registry = registry
        self.world = world
        self.task = task
        self.image = image
        self.reference = reference
        self.platform = f"linux/{_MACHINES.get(task.architecture, task.architecture)}"

    def run(self, principal: Principal) -> str | PullFailure | None:
        """Pull as *principal*."""
        repository = self.registry.repositories.get(self.reference.repository)
        refused = self.refusal(principal, repository)
        if refused is not None and refused.cause != "no layer":
            return refused
        if repository is None:
            name = self.reference.repository
            if self.world.strict or name in self.registry.heard_of:
                return self.failure("no repository")
            _assume(self.world, self.task, f"repository {self.reference.host}/{name}")
            return refused
        return self._look_up(repository, refused)

    def _look_up(self, repository: Repository, refused: PullFailure | None) -> str | PullFailure:
        """Find the image in a repository that is there; layers come after the manifest."""
        image = images.find(repository, self.reference.digest, self.reference.tag)
        if image is None:
            return self.failure("no image")
        chosen = self.for_platform(repository, image)
        if chosen is None:
            return self.failure("no platform", platform=self.platform)
        if refused is not None:
            return self.failure("no layer", denial=refused.denial, layer=_first_blob(chosen))
        for pulled in {image.digest: image, chosen.digest: chosen}.values():
            images.pull(self.world.core, pulled)
        return image.digest

    def failure(
        self, cause: str, *, denial: str = "", layer: str = "", platform: str = ""
    ) -> PullFailure:
        """Return why the image was not pulled."""
        return PullFailure(
            cause,  # type: ignore[arg-type]  # one of the causes, by now
            self.image,
            host=self.reference.host,
            repository=self.reference.repository,
            account_id=self.registry.id,
            selector=self.reference.selector,
            denial=denial,
            layer=layer,
            platform=platform,
            request_id=self.world.core.ids.uuid() if cause == "no token" else "",
        )

    def refusal(self, principal: Principal, repository: Repository | None) -> PullFailure | None:
        """Return the first action that *principal* may not do, as a failure."""
        name = repositories.repository_arn(self.registry, self.reference.repository)
        policy = None if repository is None else repository.policy
        for action, cause in _ACTIONS:
            if cause == "no token":
                decision = decide(principal, action, "*", principal.account_id)
            else:
                decision = decide(principal, action, name, self.registry.id, policy)
            if not decision.is_allowed:
                self.task.denial = decision
                return self.failure(cause, denial=_denial(decision))
        return None

    def for_platform(self, repository: Repository, image: Image) -> Image | None:
        """Return the image, or that child of an index, which the task can run.

        Assumed: the engine of an instance takes a manifest without looking at its platform.
        """
        if image.media_type in manifests.INDEX_TYPES:
            children = dict(reversed(manifests.children_by_platform(image.manifest)))
            return images.find(repository, children.get(self.platform, ""), None)
        if self.task.path == "fargate" and not self._fits(repository, image):
            return None
        return image

    def _fits(self, repository: Repository, image: Image) -> bool:
        """Tell whether the configuration of an image names the task's platform, or none."""
        digest = _config_digest(image)
        if digest not in repository.layers:
            return True
        try:
            given = json.loads(self.world.core.blobs.get(digest).read())
        except ValueError:
            return True
        if not isinstance(given, dict) or "architecture" not in given:
            return True
        return f"{given.get('os', 'linux')}/{given['architecture']}" == self.platform


def _config_digest(image: Image) -> str:
    """Return the digest of an image's configuration; empty where it has none."""
    config = json.loads(image.manifest).get("config")
    return str(config.get("digest", "")) if isinstance(config, dict) else ""


def _puller(world: World, task: Task, region: str) -> Principal | None:
    """Return who pulls: the execution role, or on an instance without one the instance's.

    Source: ECS developer guide, task execution IAM role and container instance IAM role.
    """
    if task.execution_role_arn is not None:
        return _act_as(world, task, task.execution_role_arn, task.id)
    instance = None
    if task.instance_id is not None:
        ecs = world.ecs_region(task.arn.split(":")[4], region)
        instance = ecs.clusters[task.cluster].instances.get(task.instance_id)
    if instance is None or instance.role_arn is None:
        return administrator(arn.partition_of(region), task.arn.split(":")[4])
    return _act_as(world, task, instance.role_arn, instance.ec2_instance_id)


def _act_as(world: World, task: Task, role_arn: str, session_name: str) -> Principal | None:
    if roles.is_taken_to_exist(world.iam, role_arn, strict=world.strict):
        _assume(world, task, f"role {role_arn}")
    return roles.act_as(world.iam, role_arn, session_name, strict=world.strict)


def _assume(world: World, task: Task, what: str) -> None:
    """Note that something was taken to exist, for the call that goes on and for the task."""
    world.core.assume(what)
    if what not in task.assumed:
        task.assumed.append(what)


def _denial(decision: Decision) -> str:
    asked = decision.principal.arn, decision.action, decision.resource
    return AccessDeniedException(*asked, decision.reason).message


def _first_blob(image: Image) -> str:
    """Return the digest of what is fetched first: the configuration."""
    return _config_digest(image) or next(iter(image.layers), "")
