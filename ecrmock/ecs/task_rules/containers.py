"""Rules on the containers of a task definition: names, sizes, order and what they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from ecrmock.ecs.task_rules.rule import Breaches, Draft, Json, Rules, one_if

RULES: Final = Rules()

MAX_ENVIRONMENT_FILES: Final = 10
_WAITS_FOR_END: Final = ("SUCCESS", "COMPLETE")


def is_essential(container: Json) -> bool:
    """Tell whether the task ends with this container; it does unless it says otherwise."""
    return bool(container.get("essential", True))


@RULES.add("Container.name should not be null or empty.")
def containers_have_names(draft: Draft) -> Breaches:
    """Judge that every container has a name."""
    return one_if(not all(draft.names))


@RULES.add("Container.image should not be null or empty.")
def containers_have_images(draft: Draft) -> Breaches:
    """Judge that every container has an image."""
    return one_if(not all(container.get("image") for container in draft.containers))


@RULES.add("Container names must be unique within a task definition.")
def names_are_unique(draft: Draft) -> Breaches:
    """Judge that names differ."""
    return one_if(len(set(draft.names)) < len(draft.names))


@RULES.add("Task definition doesn't have any essential container.")
def one_is_essential(draft: Draft) -> Breaches:
    """Judge that the task can end."""
    return one_if(not any(map(is_essential, draft.containers)))


@RULES.add(
    "Invalid setting for container '{name}'. "
    "At least one of 'memory' or 'memoryReservation' must be specified."
)
def containers_have_memory(draft: Draft) -> Breaches:
    """Judge that memory is said somewhere."""
    if draft.document.get("memory") is None:
        for container in draft.containers:
            if not container.get("memory") and not container.get("memoryReservation"):
                yield {"name": container["name"]}


@RULES.add("Invalid '{size}' setting for container '{name}'.")
def sizes_are_not_negative(draft: Draft) -> Breaches:
    """Judge the sizes of containers by themselves. Assumed: the text."""
    for container in draft.containers:
        for size, least in (("cpu", 0), ("memory", 1), ("memoryReservation", 1)):
            if container.get(size, least) < least:
                yield {"size": size, "name": container["name"]}


@RULES.add(
    "Invalid setting for container '{name}'. "
    "'memory' must be greater than or equal to 'memoryReservation'."
)
def reservations_are_below_limits(draft: Draft) -> Breaches:
    """Judge memory against its reservation. Assumed: the first sentence."""
    for container in draft.having("memory"):
        if container["memory"] < container.get("memoryReservation", 0):
            yield {"name": container["name"]}


@RULES.add("The 'memory' setting for container '{name}' is greater than for the task.")
def containers_fit_the_tasks_memory(draft: Draft) -> Breaches:
    """Judge memory against that of the task."""
    total = draft.size("memory")
    if total is not None:
        for container in draft.having("memory"):
            if container["memory"] > total:
                yield {"name": container["name"]}


@RULES.add(
    "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'."
)
def containers_fit_the_tasks_cpu(draft: Draft) -> Breaches:
    """Judge CPU against that of the task."""
    total = draft.size("cpu")
    used = sum(container.get("cpu", 0) for container in draft.containers)
    return one_if(total is not None and used > total)


@RULES.add("Invalid 'resourceRequirements' setting for container '{name}'.")
def gpus_are_counted(draft: Draft) -> Breaches:
    """Judge numbers of GPUs. Assumed: the text."""
    for container, entry in draft.listed("resourceRequirements"):
        if entry["type"] == "GPU" and not entry.get("value", "").isdecimal():
            yield {"name": container["name"]}


@RULES.add(
    "The maximum number of environment files was exceeded. Specify ten or less and try again."
)
def environment_files_are_few(draft: Draft) -> Breaches:
    """Judge the number of environment files."""
    return one_if(
        any(
            len(container["environmentFiles"]) > MAX_ENVIRONMENT_FILES
            for container in draft.having("environmentFiles")
        )
    )


@RULES.add("Invalid arn syntax.")
def environment_files_are_arns(draft: Draft) -> Breaches:
    """Judge where environment files are."""
    return one_if(
        any(not entry["value"].startswith("arn:") for _, entry in draft.listed("environmentFiles"))
    )


@RULES.add("Cannot depend on container + '{name}' because it does not exist")
def dependencies_are_containers(draft: Draft) -> Breaches:
    """Judge what is depended on; the stray plus is the service's."""
    for _, entry in draft.listed("dependsOn"):
        if entry["containerName"] not in draft.names:
            yield {"name": entry["containerName"]}


@RULES.add(
    "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"
)
def dependencies_that_end_are_not_essential(draft: Draft) -> Breaches:
    """Judge dependencies that wait for an end."""
    return one_if(
        any(
            is_essential(dependency)
            for condition, dependency in _dependencies(draft)
            if condition in _WAITS_FOR_END
        )
    )


@RULES.add("A dependency container with HEALTHY condition must have health check configured")
def dependencies_that_heal_are_checked(draft: Draft) -> Breaches:
    """Judge dependencies that wait for health."""
    return one_if(
        any(
            not dependency.get("healthCheck")
            for condition, dependency in _dependencies(draft)
            if condition == "HEALTHY"
        )
    )


def _dependencies(draft: Draft) -> Iterable[tuple[str, Json]]:
    by_name = {container["name"]: container for container in draft.containers}
    for _, entry in draft.listed("dependsOn"):
        yield entry["condition"], by_name[entry["containerName"]]


@RULES.add("Container dependencies should not have a cycle")
def dependencies_have_no_cycle(draft: Draft) -> Breaches:
    """Judge the order in which containers start. Assumed: the text, after that for links."""
    graph = {
        container["name"]: [entry["containerName"] for entry in container.get("dependsOn", ())]
        for container in draft.containers
    }
    return one_if(has_cycle(graph))


@RULES.add("Container links should not have a cycle")
def links_have_no_cycle(draft: Draft) -> Breaches:
    """Judge links, which order containers too."""
    graph = {
        container["name"]: [link.partition(":")[0] for link in container.get("links", ())]
        for container in draft.containers
    }
    return one_if(has_cycle(graph))


def has_cycle(graph: Mapping[str, list[str]]) -> bool:
    """Tell whether a walk along a graph can come back to where it began."""
    waiting = Counter(dict.fromkeys(graph, 0))
    for targets in graph.values():
        waiting.update(target for target in targets if target in graph)
    free = [name for name in graph if not waiting[name]]
    seen = 0
    while free:
        seen += 1
        for target in graph[free.pop()]:
            if target in graph:
                waiting[target] -= 1
                if not waiting[target]:
                    free.append(target)
    return seen < len(graph)


@RULES.add("Invalid 'volumesFrom' setting. Unknown container: '{name}'.")
def volumes_come_from_containers(draft: Draft) -> Breaches:
    """Judge whose volumes are shared."""
    for _, entry in draft.listed("volumesFrom"):
        if entry.get("sourceContainer") not in draft.names:
            yield {"name": entry.get("sourceContainer", "")}


OF_OVERRIDES: Final = RULES.only(sizes_are_not_negative, gpus_are_counted)
"""What is judged of overrides, too."""
