"""Print the ratios: `python -m benchmarks`, or with names of rows behind it."""

from __future__ import annotations

import sys

from benchmarks.calls import warm_call, whole_test
from benchmarks.cold import cold_process
from benchmarks.layer import large_layer
from benchmarks.pages import one_page
from benchmarks.placing import many_tasks, task_pages
from benchmarks.server import many_calls

ROWS = {
    "warm": warm_call,
    "test": whole_test,
    "cold": cold_process,
    "pages": one_page,
    "tasks": task_pages,
    "placing": many_tasks,
    "server": many_calls,
    "layer": large_layer,
}


def main() -> None:
    """Measure the rows that are named, or all."""
    wanted = sys.argv[1:] or list(ROWS)
    unknown = [name for name in wanted if name not in ROWS]
    if unknown:
        sys.exit(f"no row {unknown[0]!r}; there are {', '.join(ROWS)}")
    for name in wanted:
        for row in ROWS[name]():
            print(row, flush=True)


main()
