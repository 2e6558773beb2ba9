"""Container instances: registering, showing, draining and deregistering them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core import arn
from ecrmock.ecs import agent, clusters, instances, placement
from ecrmock.ecs.errors import ClientException, InvalidParameterException
from ecrmock.iam import roles
from ecrmock.operations.ecs import views
from ecrmock.operations.ecs.tasks import missing
from ecrmock.operations.table import Call, Page, Reply, operation, pairs

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import (
        DeregisterContainerInstanceRequestTypeDef,
        DescribeContainerInstancesRequestTypeDef,
        DiscoverPollEndpointRequestTypeDef,
        ListContainerInstancesRequestTypeDef,
        UpdateContainerAgentRequestTypeDef,
        UpdateContainerInstancesStateRequestTypeDef,
    )

    from ecrmock.ecs.state import Cluster, Instance

MAX_DESCRIBED: Final = 100
MAX_CHANGED: Final = 10


@operation("ecs", "RegisterContainerInstance")
def register_container_instance(call: Call, request: dict[str, Any]) -> Reply:
    """Add an instance to a cluster, as its agent does.

    Source: ECS API reference, RegisterContainerInstance.
    """
    region = call.ecs_region
    cluster = clusters.get_active(region, request.get("cluster") or clusters.DEFAULT_NAME)
    told = _registration(call, request)
    given = request.get("containerInstanceArn")
    if given:
        found = instances.get(region, cluster, given)
        instances.register_again(call.site, cluster, found, told)
    else:
        found = instances.register(call.site, cluster, told)
    return {"containerInstance": views.instance(found, ("TAGS",))}


@operation("ecs", "DescribeContainerInstances")
def describe_container_instances(
    call: Call, request: DescribeContainerInstancesRequestTypeDef
) -> Reply:
    """Show instances in the order asked for; deregistered ones for an hour.

    Source: ECS API reference, DescribeContainerInstances.
    """
    cluster = clusters.get(call.ecs_region, request.get("cluster") or clusters.DEFAULT_NAME)
    given = request["containerInstances"]
    _check_list(given, MAX_DESCRIBED, "container instances")
    include = request.get("include", ())
    return _each(call, cluster, given, lambda found: views.instance(found, include))


@operation("ecs", "ListContainerInstances")
def list_container_instances(call: Call, request: ListContainerInstancesRequestTypeDef) -> Page:
    """List the ARNs of instances. Source: ECS API reference, ListContainerInstances."""
    cluster = clusters.get(call.ecs_region, request.get("cluster") or clusters.DEFAULT_NAME)
    text = request.get("filter")
    query = placement.read_expression(text) if text else None

    def walk(after: int | None) -> Iterator[tuple[int, Instance]]:
        found = instances.walk(cluster, after, status=request.get("status"), query=query)
        return ((one.seq, one) for one in found)

    return Page("containerInstanceArns", walk, lambda found: found.arn)


@operation("ecs", "UpdateContainerInstancesState")
def update_container_instances_state(
    call: Call, request: UpdateContainerInstancesStateRequestTypeDef
) -> Reply:
    """Let instances drain, or be ACTIVE again.

    Source: ECS API reference, UpdateContainerInstancesState.
    """
    region = call.ecs_region
    cluster = clusters.get_active(region, request.get("cluster") or clusters.DEFAULT_NAME)
    given = request["containerInstances"]
    _check_list(given, MAX_CHANGED, "instanceIds")
    status = request["status"]
    if status not in instances.STATUSES:
        raise InvalidParameterException(
            f"Container instances status should be one of [{','.join(instances.STATUSES)}]"
        )

    def change(found: Instance) -> dict[str, Any]:
        instances.set_state(call.site, cluster, found, status)
        return views.instance(found, ())

    return _each(call, cluster, given, change, is_change=True)


@operation("ecs", "DeregisterContainerInstance")
def deregister_container_instance(
    call: Call, request: DeregisterContainerInstanceRequestTypeDef
) -> Reply:
    """Take an instance out of a cluster.

    Source: ECS API reference, DeregisterContainerInstance.
    """
    region = call.ecs_region
    cluster = clusters.get_active(region, request.get("cluster") or clusters.DEFAULT_NAME)
    found = instances.get(region, cluster, request["containerInstance"])
    instances.deregister(call.site, cluster, found, force=bool(request.get("force")))
    return {"containerInstance": views.instance(found, ())}


@operation("ecs", "UpdateContainerAgent")
def update_container_agent(call: Call, request: UpdateContainerAgentRequestTypeDef) -> Reply:
    """Bring the agent of an instance up to date.

    Source: ECS API reference, UpdateContainerAgent.
    """
    region = call.ecs_region
    cluster = clusters.get_active(region, request.get("cluster") or clusters.DEFAULT_NAME)
    found = instances.get(region, cluster, request["containerInstance"])
    instances.update_agent(call.site, cluster, found)
    return {"containerInstance": views.instance(found, ())}


@operation("ecs", "DiscoverPollEndpoint")
def discover_poll_endpoint(call: Call, request: DiscoverPollEndpointRequestTypeDef) -> Reply:
    """Say where agents poll. Nobody listens there. Assumed: the form of the URLs.

    Source: ECS API reference, DiscoverPollEndpoint.
    """
    at = f"1.{call.region}.{arn.dns_suffix(call.region)}"
    return {
        "endpoint": f"https://ecs-a-{at}/",
        "telemetryEndpoint": f"https://ecs-t-{at}/",
        "serviceConnectEndpoint": f"https://ecs-sc.{call.region}.api.aws",
    }


def _registration(call: Call, request: Mapping[str, Any]) -> instances.Registration:
    """Read what an agent tells. An agent that calls with its role has that role's permissions."""
    totals = {one.get("name"): one for one in request.get("totalResources", ())}
    version = request.get("versionInfo", {})
    session = call.caller.arn
    return instances.Registration(
        identity=instances.read_identity(request.get("instanceIdentityDocument", "")),
        agent_version=version.get("agentVersion", agent.LATEST),
        docker_version=version.get("dockerVersion", agent.DOCKER_VERSION),
        agent_hash=version.get("agentHash", ""),
        cpu=_amount(totals, "CPU"),
        memory=_amount(totals, "MEMORY"),
        ports=tuple(totals.get("PORTS", {}).get("stringSetValue", ())),
        udp_ports=tuple(totals.get("PORTS_UDP", {}).get("stringSetValue", ())),
        gpu_ids=tuple(
            one.get("id", "")
            for one in request.get("platformDevices", ())
            if one.get("type") == "GPU"
        ),
        attributes={one["name"]: one.get("value") for one in request.get("attributes", ())},
        role_arn=_role_of(session) if roles.is_session(session) else None,
        resource_tags=tuple(pairs(request.get("tags", ()), "key", "value")),
    )


def _amount(totals: Mapping[str, Any], name: str) -> int:
    """Return how much of a resource there is.

    Raises:
        ClientException: less than nothing. Assumed: the text.
    """
    amount: int = totals.get(name, {}).get("integerValue", 0)
    if amount < 0:
        raise ClientException(f"Resource {name} is not valid.")
    return amount


def _role_of(session: str) -> str:
    """Return the ARN of the role that a session is of; its path is not known."""
    found = arn.parse(session)
    assert found is not None  # noqa: S101 - a principal has an ARN
    return arn.of_role(found.name.split("/")[0], found.partition, found.account_id)


def _check_list(given: Sequence[str], limit: int, things: str) -> None:
    if not given:
        raise ClientException("Container Instances cannot be empty.")
    if len(given) > limit:
        raise InvalidParameterException.too_many(things, limit)


def _each(
    call: Call, cluster: Cluster, given: Sequence[str], show: Any, *, is_change: bool = False
) -> Reply:
    """Show instances one by one; what is not there is a failure."""
    shown, failures = [], []
    found = [(one, instances.find(call.ecs_region, cluster, one)) for one in given]
    for one, instance in found:
        if instance is None:
            failures.append(missing(call, "container-instance", one))
        elif is_change and instance.status == "INACTIVE":
            failures.append({"arn": instance.arn, "reason": "INACTIVE"})
        else:
            shown.append(show(instance))
    return {"containerInstances": shown, "failures": failures}
