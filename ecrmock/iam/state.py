"""What IAM and STS remember: the roles of accounts, and the sessions that were begun with them.

Plain data, keyed by account, by name and by access key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecrmock.iam.documents import Policy

MAX_SESSION_SECONDS: Final = 3600
"""How long a session of a role lasts at most, unless the role says otherwise.
Source: IAM API reference, CreateRole, MaxSessionDuration."""


@dataclass(slots=True)
class Role:
    """A role that somebody made, with exactly its policies."""

    name: str
    arn: str
    account_id: str
    unique_id: str
    policies: tuple[Policy, ...]
    trust: Policy
    """Who may assume it."""
    path: str = "/"
    max_session_seconds: int = MAX_SESSION_SECONDS


@dataclass(slots=True, frozen=True)
class Session:
    """Temporary credentials of a role; whose policies count is looked up at the time of use."""

    access_key: str
    secret_key: str
    token: str
    role_arn: str
    name: str
    expires_ms: int
    """Milliseconds since the epoch, on the mock's clock."""


@dataclass(slots=True)
class Account:
    """What one account has of IAM."""

    id: str
    roles: dict[str, Role] = field(default_factory=dict)
    """By name, which is unique in an account whatever the path."""


@dataclass(slots=True)
class Iam:
    """IAM and STS of all accounts."""

    accounts: dict[str, Account] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    """Of all accounts, by access key: a request says no more of itself. Expired ones stay."""

    def account(self, account_id: str) -> Account:
        """Return an account; every one is there."""
        found = self.accounts.get(account_id)
        if found is None:
            found = self.accounts[account_id] = Account(account_id)
        return found
