"""Floor 9: roles for tests: `aws.iam.role("ci", policies=["AmazonEC2ContainerRegistryPullOnly"])`.

Nothing of this goes through the journal, permissions or faults.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core import arn
from ecrmock.core.errors import UsageError
from ecrmock.iam import given, roles
from ecrmock.options import check_account

if TYPE_CHECKING:
    from ecrmock.steering import Home

_NAME: Final = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")

Document = Mapping[str, Any]


@dataclass(slots=True, frozen=True)
class Role:
    """A role that is there: for task definitions, instances, AssumeRole and policies."""

    name: str
    arn: str


class Iam:
    """Makes roles: `aws.iam`."""

    def __init__(self, aws: Home) -> None:
        self._aws = aws

    def role(
        self,
        name: str,
        *,
        policies: Iterable[str | Document] = (),
        trust: str | Document | Iterable[str] | None = None,
        account_id: str | None = None,
    ) -> Role:
        """Make a role that may do exactly what its policies say; from then on it is known.

        Called again with the same name, it gives the role other policies, which count at once,
        also for sessions that are under way.

        Args:
            name: up to 64 letters, digits and `_+=,.@-`.
            policies: all of its policies, each the name or ARN of an AWS managed policy for ECR or
                ECS, or a document as a dict or JSON text. A decision that depends on a Condition
                is refused by name.
            trust: who may assume it: a service such as `ecs-tasks.amazonaws.com`, an account, the
                ARN of a user, role or session, a list of these, or a whole document. By default
                its own account, ecs-tasks, ec2 and ecs; of a role that is there, as before.
            account_id: whose role it is; by default the mock's account.

        Raises:
            UsageError: an argument has a value that it cannot have; the text says what it can.
            PolicyElementNotModelled: a document has an element that is not judged.
            PolicyIsMalformed: a document is no policy of its kind.
        """
        _check_name(name)
        owner = self._aws.account_id if account_id is None else account_id
        check_account(owner)
        partition = arn.partition_of(self._aws.region_name)
        allowed = given.read_policies(policies)
        trusted = None if trust is None else given.read_trust(trust, partition)
        gateway = self._aws.gateway
        with gateway.lock:
            role = roles.put(
                gateway.world.iam,
                name,
                account_id=owner,
                partition=partition,
                policies=allowed,
                trusted=trusted,
            )
        return Role(role.name, role.arn)


def _check_name(name: object) -> None:
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise UsageError(f"name is {name!r}; give 1 to 64 letters, digits and _+=,.@-")
