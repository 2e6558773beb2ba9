"""Repository policies: checked when they are set, and shown as ECR renders them.

Source: ECR user guide, repository policies; ECR API reference, SetRepositoryPolicy, whose samples
show the rendering.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ecrmock.ecr.errors import InvalidParameterException, RepositoryPolicyNotFoundException
from ecrmock.iam import documents
from ecrmock.iam.decide import decide

if TYPE_CHECKING:
    from ecrmock.ecr.state import Repository
    from ecrmock.iam.documents import Policy
    from ecrmock.iam.principals import Principal

_TOP: Final = ("Version", "Id", "Statement")
_STATEMENT: Final = ("Sid", "Effect", "Principal", "Action", "Resource")
_INDENT: Final = "  "


def put(repository: Repository, text: str, principal: Principal, *, force: bool) -> str:
    """Replace the policy of a repository and return it as ECR renders it.

    Args:
        repository: what the policy is attached to.
        text: the JSON of the policy.
        principal: who sets it.
        force: whether *principal* may lock itself out by it.

    Raises:
        InvalidParameterException: it is not a policy that ECR takes, or would lock its setter out.
        PolicyElementNotModelled: it has an element that is not judged.

    Source: ECR API reference, SetRepositoryPolicy. Assumed: the text for a lock-out.
    """
    document, policy = _read(text, repository.arn.split(":")[1])
    if not force and not _may_set_again(repository, policy, principal):
        reason = "The policy would prevent you from setting another one; use force"
        raise InvalidParameterException("PolicyText", reason)
    repository.policy, repository.policy_text = policy, _render(document)
    return repository.policy_text


def get(repository: Repository) -> str:
    """Return the policy of a repository as ECR renders it.

    Raises:
        RepositoryPolicyNotFoundException: it has none.
    """
    if repository.policy_text is None:
        raise RepositoryPolicyNotFoundException(repository.name, repository.registry_id)
    return repository.policy_text


def delete(repository: Repository) -> str:
    """Take the policy of a repository away and return it.

    Raises:
        RepositoryPolicyNotFoundException: it has none.
    """
    text = get(repository)
    repository.policy = repository.policy_text = None
    return text


def _read(text: str, partition: str) -> tuple[dict[str, Any], Policy]:
    try:
        document = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        if not isinstance(document, dict):
            raise _invalid()
        policy = documents.parse(
            "repository policy", document, kind="resource", partition=partition
        )
    except (documents.PolicyIsMalformed, ValueError, RecursionError):
        raise _invalid() from None
    for statement in policy.statements:
        if not all(
            action == "*" or action.lower().startswith("ecr:") for action in statement.actions
        ):
            raise _invalid()
    return _as_stored(document, partition), policy


def _no_number(name: str) -> None:
    raise documents.PolicyIsMalformed(f"{name} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object, in which no element may stand twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise documents.PolicyIsMalformed("an element stands twice in one object")
    return found


def _may_set_again(repository: Repository, policy: Policy, principal: Principal) -> bool:
    return decide(
        principal, "ecr:SetRepositoryPolicy", repository.arn, repository.registry_id, policy
    ).is_allowed


def _as_stored(document: dict[str, Any], partition: str) -> dict[str, Any]:
    """Return a policy with its elements in ECR's order, and accounts as the ARNs of their roots."""
    stored: dict[str, Any] = {name: document[name] for name in _TOP if name in document}
    statements = document["Statement"]
    entries = [statements] if isinstance(statements, dict) else statements
    stored["Statement"] = [_statement(entry, partition) for entry in entries]
    return stored


def _statement(entry: dict[str, Any], partition: str) -> dict[str, Any]:
    stored: dict[str, Any] = {name: entry[name] for name in _STATEMENT if name in entry}
    principal = stored["Principal"]
    if isinstance(principal, dict) and "AWS" in principal:
        stored["Principal"] = {**principal, "AWS": _accounts(principal["AWS"], partition)}
    return stored


def _accounts(names: str | list[str], partition: str) -> str | list[str]:
    if isinstance(names, str):
        return documents.principal_arn(names, partition)
    return [documents.principal_arn(name, partition) for name in names]


def _render(value: Any, depth: int = 0) -> str:
    """Write JSON as ECR does: a space before each colon, members on lines, arrays within one."""
    if isinstance(value, dict):
        if not value:
            return "{ }"
        pad = _INDENT * (depth + 1)
        members = (f"{pad}{json.dumps(k)} : {_render(v, depth + 1)}" for k, v in value.items())
        return "{\n" + ",\n".join(members) + f"\n{_INDENT * depth}}}"
    if isinstance(value, list):
        return f"[ {', '.join(_render(item, depth) for item in value)} ]" if value else "[ ]"
    return json.dumps(value, ensure_ascii=False)


def _invalid() -> InvalidParameterException:
    return InvalidParameterException("PolicyText", "Invalid repository policy provided")
