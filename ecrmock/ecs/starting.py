"""How tasks come to run: network, images, and containers in the order of their dependencies.

Source: ECS developer guide, task lifecycle and container dependencies; the agent's dependency
graph.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ecrmock.ecs import behaviour, pull_failures, stages, stopping
from ecrmock.ecs.pull_failures import PullFailure

if TYPE_CHECKING:
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Container, Health, Instance, Region, Task

Puller = Callable[["Task", str], "str | PullFailure | None"]
"""Returns the digest of an image that a task pulls, None where it is not known, or why not."""

_EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - what the agent reports
_FIRST_HOST: Final = 4
_HOSTS: Final = 250
"""Hosts of a small network; AWS keeps the first four and the last. Source: VPC user guide."""
_FIRST_PORT: Final = 32_768
_LAST_PORT: Final = 60_999
"""Host ports that the kernel gives away. Source: ECS API reference, PortMapping."""


def attach(site: Site, task: Task) -> None:
    """Give a task its network interface."""
    interface = task.interface
    assert interface is not None  # noqa: S101 - the path is one of tasks that have one
    ids = site.core.ids
    address = _next_address(site.region)
    interface.interface_id = f"eni-0{ids.hex(16)}"
    octets = ids.hex(10)
    interface.mac_address = ":".join(["02", *(octets[i : i + 2] for i in range(0, 10, 2))])
    interface.address = address
    domain = "ec2" if site.region.name == "us-east-1" else f"{site.region.name}.compute"
    interface.private_dns_name = f"ip-{address.replace('.', '-')}.{domain}.internal"
    interface.status = "ATTACHED"
    if task.connected_at is None:
        task.connected_at = site.now
    _go_on(site, task, "attach")


def _next_address(region: Region) -> str:
    """Return a private address that no other task has. Assumed: they follow each other."""
    number = region.next_address
    region.next_address += 1
    second, rest = divmod(number, _HOSTS * 256)
    third, fourth = divmod(rest, _HOSTS)
    return f"10.{second % 256}.{third}.{fourth + _FIRST_HOST}"


def pend(site: Site, task: Task) -> None:
    """Hand a task over to whoever runs it."""
    _go_on(site, task, "pend")


def pull(site: Site, task: Task) -> None:
    """Begin to pull the images of a task."""
    task.pull_started_at = site.now
    _go_on(site, task, "pull")


def pulled(site: Site, task: Task, puller: Puller) -> None:
    """End the pull of the images of a task: they are there, or it fails."""
    scripted = {one.name: behaviour.failure_of_pull(one) for one in task.containers}
    found = {one.name: puller(task, one.image) for one in task.containers if not scripted[one.name]}
    task.pull_stopped_at = site.now
    for container in task.containers:
        result, text = found.get(container.name), scripted[container.name]
        if isinstance(result, PullFailure):
            is_fargate = task.path == "fargate"
            text = pull_failures.fargate(result) if is_fargate else pull_failures.agent(result)
        if text is None:
            container.image_digest = result if isinstance(result, str) else None
        elif task.path == "fargate" or stopping.is_essential(task, container):
            fail(site, task, container.name, text)
            return
        else:
            _go_without(container, text)
    _go_on(site, task, "pulled")


def _go_without(container: Container, reason: str) -> None:
    """Go on without a container that is not essential. Assumed: agents do, Fargate does not."""
    container.reason = reason[: stopping.MAX_REASON]
    container.last_status = "STOPPED"


def fail(site: Site, task: Task, name: str, text: str) -> None:
    """Let a task fail to start with a text, said where such texts are said."""
    speaks = behaviour.is_of_the_task(text)
    pulls = text.startswith("CannotPull")
    if speaks and (task.path == "fargate" or not pulls):
        stopping.fail_to_start(site, task, text, {})
    else:
        stopping.fail_to_start(site, task, pull_failures.FAILED, {name: text})


def start(site: Site, task: Task) -> None:
    """Start the containers that wait for no other."""
    for container in task.containers:
        if container.last_status == "PENDING" and _hold(task, container) is None:
            container.is_starting = True
    for container in task.containers:
        if container.is_starting and _may_start(task):
            run(site, task, container)
    if _may_start(task):
        advance(site, task)


def container_started(site: Site, task: Task, container: Container) -> None:
    """Start a container that had to wait, and see what that changes."""
    if not _may_start(task):
        return
    run(site, task, container)
    if _may_start(task):
        advance(site, task)


def run(site: Site, task: Task, container: Container) -> None:
    """Let a container run, for the first time or again, and set its outcome."""
    script = container.script
    container.is_starting = False
    if script is not None and script.fail_to_start is not None:
        if stopping.is_essential(task, container):
            fail(site, task, container.name, script.fail_to_start)
        else:
            _go_without(container, script.fail_to_start)
        return
    container.last_status = "RUNNING"
    container.started_at = site.now
    container.starts += 1
    container.health, container.is_judged = "UNKNOWN", False
    container.exit_code = None
    if task.launch_type == "FARGATE":
        container.runtime_id = f"{task.id}-{site.core.ids.digits(10)}"
    else:
        container.runtime_id = site.core.ids.hex(64)
        _bind_ports(site, task, container)
    _await_end(site, task, container)
    _await_health(site, task, container)


def advance(site: Site, task: Task) -> None:
    """Start what can start now; show the task as running when everything does.

    A container whose dependency can never be fulfilled ends the task.
    """
    for container in task.containers:
        if container.last_status != "PENDING" or container.is_starting:
            continue
        held = _hold(task, container)
        if held == "for ever":
            fail_dependency(site, task, container)
            return
        if held is None:
            container.is_starting = True
            delay = stages.CONTAINER_START_S
            stages.schedule_container(site, task, container, "container_started", delay)
    if task.started_at is None and all(one.last_status != "PENDING" for one in task.containers):
        task.started_at = site.now
        stages.set_status(site, task, "RUNNING")
        stages.tell(site, task)


def fail_dependency(site: Site, task: Task, container: Container) -> None:
    """End a task one of whose containers waits for what cannot come."""
    text = f"TaskDependencyError: Task dependencies cannot be resolved, taskArn: {task.arn}"
    stopping.fail_to_start(site, task, pull_failures.FAILED, {container.name: text})


def start_timed_out(site: Site, task: Task, container: Container) -> None:
    """Give up those who still wait for a container when its start timeout has passed.

    Source: ECS API reference, ContainerDefinition.startTimeout.
    """
    if not _may_start(task):
        return
    for other in task.containers:
        if other.last_status != "PENDING" or other.is_starting:
            continue
        waits = {
            entry["containerName"]
            for entry in stopping.given(task, other).get("dependsOn", ())
            if entry["condition"] != "START" and _state(task, entry) == "pending"
        }
        if container.name in waits:
            fail_dependency(site, task, other)
            return


def container_checked(site: Site, task: Task, container: Container) -> None:
    """Show the first result of a health check."""
    if container.is_judged:
        return
    script = container.script
    health = script.health if script is not None and script.health else "HEALTHY"
    set_health(site, task, container, health)


def set_health(site: Site, task: Task, container: Container, health: Health) -> None:
    """Show a result of a health check, and start who waited for it."""
    container.health, container.is_judged = health, True
    if _may_start(task):
        advance(site, task)


def _may_start(task: Task) -> bool:
    """Tell whether containers can start: nothing has brought the task to its end yet."""
    return task.desired_status == "RUNNING" and task.execution_stopped_at is None


def _go_on(site: Site, task: Task, done: str) -> None:
    table = stages.START[task.path]
    stages.enter(site, task, stages.find(table, done))
    stages.next_stage(site, task, table, done)


def _hold(task: Task, container: Container) -> str | None:
    """Return whether a container waits `for a while` or `for ever`; None when it does not."""
    states = {_state(task, entry) for entry in stopping.given(task, container).get("dependsOn", ())}
    if "failed" in states:
        return "for ever"
    return "for a while" if "pending" in states else None


def _state(task: Task, entry: dict[str, Any]) -> str:
    """Tell how a dependency stands: `met`, `pending` or `failed`."""
    other = next(one for one in task.containers if one.name == entry["containerName"])
    return _CONDITIONS[entry["condition"]](other)


def _started(other: Container) -> str:
    if other.starts:
        return "met"
    return "failed" if other.last_status == "STOPPED" else "pending"


def _completed(other: Container) -> str:
    if other.last_status != "STOPPED":
        return "pending"
    return "failed" if other.exit_code is None else "met"


def _succeeded(other: Container) -> str:
    if other.last_status != "STOPPED":
        return "pending"
    return "met" if other.exit_code == 0 else "failed"


def _healed(other: Container) -> str:
    if other.last_status == "STOPPED":
        return "failed"
    return "met" if other.health == "HEALTHY" else "pending"


_CONDITIONS: Final[dict[str, Callable[[Container], str]]] = {
    "START": _started,
    "COMPLETE": _completed,
    "SUCCESS": _succeeded,
    "HEALTHY": _healed,
}


def _bind_ports(site: Site, task: Task, container: Container) -> None:
    """Give a container on an instance's network its host ports."""
    if task.interface is not None or task.instance_id is None:
        return
    instance = site.cluster_of(task).instances[task.instance_id]
    container.ports = []
    for entry in stopping.given(task, container)["portMappings"]:
        if "containerPortRange" in entry:
            container.ports.append(_bind_range(instance, entry))
            continue
        port = entry.get("hostPort") or _free_port(instance)
        container.ports.append(
            {
                "bindIP": _EVERYWHERE,
                "containerPort": entry["containerPort"],
                "hostPort": port,
                "protocol": entry["protocol"],
            }
        )


def _bind_range(instance: Instance, entry: dict[str, Any]) -> dict[str, Any]:
    """Give a range of container ports as many host ports."""
    first, last = map(int, entry["containerPortRange"].split("-"))
    host = [_free_port(instance) for _ in range(last - first + 1)]
    return {
        "bindIP": _EVERYWHERE,
        "containerPortRange": entry["containerPortRange"],
        "hostPortRange": f"{host[0]}-{host[-1]}",
        "protocol": entry["protocol"],
    }


def _free_port(instance: Instance) -> int:
    """Return the next port of an instance that no task has reserved."""
    port = max(instance.next_port, _FIRST_PORT)
    taken = {*instance.used_ports, *instance.used_udp_ports}
    taken.update(instance.reserved_ports, instance.reserved_udp_ports)
    while str(port) in taken:
        port = _after(port)
    instance.next_port = _after(port)
    return port


def _after(port: int) -> int:
    return port + 1 if port < _LAST_PORT else _FIRST_PORT


def _await_end(site: Site, task: Task, container: Container) -> None:
    script = container.script
    if script is not None and (script.exit_code is not None or script.is_oom):
        is_timed = script.after_ms is not None
        delay = behaviour.ENDS_S if script.after_ms is None else script.after_ms / 1000
        stages.schedule_container(
            site, task, container, "container_exited", delay, is_appointment=is_timed
        )
    timeout = stopping.given(task, container).get("startTimeout")
    if timeout:
        stages.schedule_container(
            site, task, container, "start_timed_out", timeout, is_appointment=True
        )


def _await_health(site: Site, task: Task, container: Container) -> None:
    check = stopping.given(task, container).get("healthCheck")
    health = container.script.health if container.script is not None else None
    if check is None or health == "UNKNOWN":
        return
    delay = check["interval"]
    if health == "UNHEALTHY":
        delay = check.get("startPeriod", 0) + check["interval"] * check["retries"]
    stages.schedule_container(site, task, container, "container_checked", delay)
