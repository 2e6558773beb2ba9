"""Floor 9: botocore clients for the administrator of an account, made without boto3."""

from __future__ import annotations

from typing import Any

from ecrmock.intercept import environment
from ecrmock.options import check_account, check_region


class Clients:
    """Makes clients, all from one session of its own."""

    def __init__(self) -> None:
        self._session: Any = None

    def make(
        self, service_name: str, *, account_id: str | None, region_name: str, **options: Any
    ) -> Any:
        """Make a client.

        Args:
            service_name: for example `ecr`.
            account_id: whose administrator calls; None for that of the world's own account.
            region_name: where it calls.
            options: what `botocore.session.Session.create_client` takes besides.

        Raises:
            UsageError: a region or account that is none.
        """
        check_region(region_name)
        if account_id is not None:
            check_account(account_id)
        if self._session is None:
            import botocore.session

            self._session = botocore.session.Session()
        keys = {
            "aws_access_key_id": account_id or environment.ACCESS_KEY,
            "aws_secret_access_key": environment.SECRET_KEY,
        }
        return self._session.create_client(
            service_name, region_name=region_name, **{**keys, **options}
        )
