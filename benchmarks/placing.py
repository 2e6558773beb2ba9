"""Row 7: tasks placed on instances, ten times as many on ten times as many; and pages of tasks."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Line, Party, compare, paired, timed
from ecrmock import NothingMoves, mock_aws
from ecrmock.ecs import clusters, launching, task_definitions
from ecrmock.ecs.making import Launch

if TYPE_CHECKING:
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Cluster

FEW = (1_000, 100)
MANY = (10_000, 1_000)
"""Tasks and instances."""
AT_ONCE = 10
ROUNDS = 3
PAGES = 200
PAGE = 100
SHORT, LONG = 100, 100_000
STRATEGIES = (
    {"type": "spread", "field": "attribute:ecs.availability-zone"},
    {"type": "binpack", "field": "memory"},
)
DEFINITION = {
    "family": "app",
    "containerDefinitions": [{"name": "app", "image": "app", "cpu": 10, "memory": 64}],
}


def _site(aws: Any) -> tuple[Site, Cluster]:
    site = aws.gateway.world.site(aws.account_id, aws.region_name)
    return site, clusters.create(site.core, site.region, "default", clusters.Changes())


def _run(site: Site, cluster: Cluster, count: int) -> None:
    """Run tasks as RunTask does, ten at a time, by the domain itself."""
    definition = task_definitions.find(site.region, "app")
    if definition is None:
        definition = task_definitions.register(site.core, site.region, DEFINITION, "arn:aws:iam::")
    launch = Launch(definition, {}, None, "family:app", lambda _: True)
    where = launching.Where(launch_type="EC2", strategies=STRATEGIES)
    for _ in range(count // AT_ONCE):
        found = launching.run(site, cluster, launch, where, count=AT_ONCE)
        assert not found.refusals


def _placing(tasks: int, instances: int) -> Party:
    def measure() -> float:
        with mock_aws(time="virtual") as aws:
            site, cluster = _site(aws)
            aws.instances.add("m5.large", count=instances)
            return timed(lambda: _run(site, cluster, tasks))

    return measure


def many_tasks() -> list[Line]:
    """Time the placement of tasks, spread over zones and then packed by memory."""
    few, many = (f"{tasks:,} on {instances:,}" for tasks, instances in (FEW, MANY))
    times = paired({few: _placing(*FEW), many: _placing(*MANY)}, ROUNDS, clean=True)
    return [compare(f"placing {many}", times, many, few, at_most=15)]


def task_pages() -> list[Line]:
    """Time DescribeTasks and ListTasks of a hundred tasks, among few and among many."""
    warnings.simplefilter("ignore", NothingMoves)  # a page is read many times on purpose
    lines: list[Line] = []
    short, long = f"a cluster of {SHORT}", f"a cluster of {LONG:,}"
    with mock_aws(time="virtual") as small, mock_aws(time="virtual") as large:
        pages: dict[str, dict[str, Party]] = {"DescribeTasks": {}, "ListTasks": {}}
        for aws, name, count in ((small, short, SHORT), (large, long, LONG)):
            site, cluster = _site(aws)
            aws.instances.add("m5.24xlarge", count=max(1, count // 1000))
            _run(site, cluster, count)
            ecs = aws.client("ecs")
            found = [task.arn for _, task in zip(range(PAGE), cluster.tasks.values(), strict=False)]
            pages["DescribeTasks"][name] = _describe(ecs, found)
            pages["ListTasks"][name] = _list(ecs)
        for operation, parties in pages.items():
            times = paired(parties, PAGES)
            lines.append(compare(f"{operation} of {LONG:,}", times, long, short, at_most=1.5))
    return lines


def _describe(ecs: Any, arns: list[str]) -> Party:
    def work() -> None:
        assert len(ecs.describe_tasks(tasks=arns)["tasks"]) == PAGE

    return lambda: timed(work)


def _list(ecs: Any) -> Party:
    def work() -> None:
        assert len(ecs.list_tasks(maxResults=PAGE)["taskArns"]) == PAGE

    return lambda: timed(work)
