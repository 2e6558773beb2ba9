"""One request to the registry, and its way to the calls of the ECR API that it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ecrmock.ecr import repositories
from ecrmock.gateway import authorise as authority
from ecrmock.gateway.identity import Signature, identify
from ecrmock.gateway.pipeline import Received
from ecrmock.operations.resources import Resource
from ecrmock.registry import errors

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from ecrmock.core.blobs import BlobWriter
    from ecrmock.core.errors import AwsError
    from ecrmock.ecr.state import Registry, Repository
    from ecrmock.gateway.exchange import Exchange
    from ecrmock.gateway.pipeline import Gateway
    from ecrmock.registry.auth import Caller


class Refused(Exception):
    """A request ends here, with *response*."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class Visit:
    """A request of an identified caller to one repository.

    Attributes:
        gateway: the world.
        request: the request.
        caller: who asks, and which registry.
        base_url: the URL under which the caller reaches the server, without a slash at its end.
        name: the name of the repository.
    """

    def __init__(
        self, gateway: Gateway, request: Request, caller: Caller, base_url: str, name: str = ""
    ) -> None:
        self.gateway = gateway
        self.request = request
        self.caller = caller
        self.base_url = base_url
        self.name = name

    def call(
        self, operation: str, *, part: BlobWriter | None = None, **parameters: Any
    ) -> dict[str, Any]:
        """Make a call of the ECR API on the repository and return its answer.

        Raises:
            Refused: it was answered with an error.
        """
        exchange = self.ask(operation, part=part, **parameters)
        if exchange.error is not None:
            raise Refused(errors.of_error(operation, exchange.error, exchange.status))
        answer = exchange.response
        assert answer is not None  # noqa: S101 - there is an answer where there is no error
        return answer

    def ask(self, operation: str, *, part: BlobWriter | None = None, **parameters: Any) -> Exchange:
        """Make a call of the ECR API on the repository, whatever becomes of it."""
        body: dict[str, Any] = {"registryId": self.caller.registry_id}
        if self.name:
            body["repositoryName"] = self.name
        body.update(parameters)
        return self.gateway.call(
            Received(
                "ecr",
                operation,
                body,
                self.caller.region,
                self._signature,
                base_url=self.base_url,
                part=part,
            )
        )

    def permit(self, action: str) -> None:
        """Ask the policies for something that is no call of the API; the lock is held.

        Raises:
            Refused: it is denied.
        """
        world, caller = self.gateway.world, self.caller
        principal = identify(world, self._signature, caller.region)
        repository = self.find_repository()
        resource = Resource(
            repositories.repository_arn(self.registry, self.name),
            caller.registry_id,
            None if repository is None else repository.policy,
        )
        for decision in authority.authorise(principal, "ecr", action, [resource]):
            if not decision.is_allowed:
                self.refuse(action, authority.refusal(decision))

    def find_repository(self) -> Repository | None:
        """Return the repository of the request, or None; for the lock."""
        return self.registry.repositories.get(self.name)

    def refuse(self, operation: str, error: AwsError) -> NoReturn:
        """End the request as *operation* would with *error*; raises Refused."""
        raise Refused(errors.of_error(operation, error, error.status or 400))

    @property
    def registry(self) -> Registry:
        """The registry that the request is about; for the lock."""
        return self.gateway.world.registry(self.caller.registry_id, self.caller.region)

    @property
    def _signature(self) -> Signature:
        return Signature(None, token_arn=self.caller.principal_arn)
