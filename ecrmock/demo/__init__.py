"""Floor 10: the demo: a real image pushed to a free port, pulled, refused, and run on ECS.

`skopeo` pushes and pulls where it is installed; elsewhere a small client of the registry does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

from ecrmock.core.errors import UsageError
from ecrmock.demo import pushing, running
from ecrmock.mock import mock_aws

if TYPE_CHECKING:
    from pathlib import Path

Say = Callable[[str], None]

_NOW: Final = datetime(2026, 1, 1, tzinfo=timezone.utc)


def tell(layout: Path, say: Say) -> None:
    """Run the story on the image in *layout* and say what happens.

    Raises:
        UsageError: boto3 is not installed, or *layout* is no OCI layout.
        EcrmockError: what came back is not what went in, or a client failed.
    """
    try:
        import boto3
    except ImportError:
        raise UsageError("the demo is told with boto3; pip install boto3") from None
    if not (layout / "index.json").is_file():
        raise UsageError(f"{layout} is not an OCI image layout: it has no index.json")
    began = time.perf_counter()
    with (
        mock_aws(
            account_id=pushing.OWNER, region_name=pushing.REGION, time="virtual", now=_NOW
        ) as aws,
        aws.serve() as server,
    ):
        say(f"A world is served at {server.url}")
        ecr = boto3.client("ecr", endpoint_url=server.url)
        made = ecr.create_repository(
            repositoryName=pushing.REPOSITORY, imageTagMutability="IMMUTABLE"
        )["repository"]
        say(f"CreateRepository: {made['repositoryUri']}")
        pushing.tell(server, ecr, layout, say)
        running.tell(aws, boto3.client("ecs"), say)
        calls = len(aws.calls)
        passed = aws.clock.now - _NOW
    milliseconds = (time.perf_counter() - began) * 1000
    say(
        f"\n{calls} calls, and {passed.total_seconds():.0f} seconds on the mock's clock, in "
        f"{milliseconds:.0f} ms; nothing left this machine."
    )
