"""Sessions of roles: temporary credentials, which expire on the mock's clock.

Source: STS API reference, AssumeRole; IAM user guide, temporary security credentials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecrmock.iam import roles
from ecrmock.iam.errors import ValidationError
from ecrmock.iam.state import Session

if TYPE_CHECKING:
    from ecrmock.core import Core
    from ecrmock.iam.principals import Principal
    from ecrmock.iam.state import Iam

LIFE_SECONDS: Final = 3600
"""How long a session lasts when the request does not say."""
_CHAINED_SECONDS: Final = 3600
"""How long a session lasts at most that a session asked for."""
_MARK: Final = "ZWNybW9jay5zZXNzaW9u"
"""What the session tokens of all worlds begin with: base64 of `ecrmock.session`."""
_TOKEN_LENGTH: Final = 320


def begin(
    core: Core, iam: Iam, role_arn: str, name: str, *, caller: Principal, seconds: int | None
) -> Session:
    """Give out credentials that act as a role.

    Args:
        core: time and ids of the world.
        iam: where.
        role_arn: the role.
        name: of the session.
        caller: who asks for it, and may.
        seconds: how long it is to last; None for an hour.

    Raises:
        ValidationError: a session of this role, or one asked for by a session, cannot last so long.

    Source: STS API reference, AssumeRole. Assumed: a role that the world has never heard of allows
    as long as AWS lets any role.
    """
    lasts = LIFE_SECONDS if seconds is None else seconds
    if caller.role_arn and lasts > _CHAINED_SECONDS:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining."
        )
    role = roles.find(iam, role_arn)
    if role is not None and lasts > role.max_session_seconds:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    session = Session(
        access_key="ASIA" + core.ids.base32(16),
        secret_key=core.ids.base62(40),
        token=_MARK + core.ids.base62(_TOKEN_LENGTH - len(_MARK)),
        role_arn=role_arn,
        name=name,
        expires_ms=(core.clock.now_ms // 1000 + lasts) * 1000,  # told in whole seconds
    )
    iam.sessions[session.access_key] = session
    return session


def is_token(token: str) -> bool:
    """Tell whether a world gave out *token*, this one or another."""
    return token.startswith(_MARK)
