"""The errors of Amazon ECS, each named as its code and owning its sentences.

Source: ECS API reference and texts captured from the service; `Assumed:` where unseen.
"""

from __future__ import annotations

from ecrmock.core.errors import AwsError


class InvalidParameterException(AwsError):
    """A parameter breaks a rule of the service."""

    @classmethod
    def cluster_name(cls) -> InvalidParameterException:
        """Say what a cluster name may be."""
        return cls(r"ClusterName must match ^[a-zA-Z0-9\-_]{1,255}$")

    @classmethod
    def separators(cls) -> InvalidParameterException:
        """Say that an identifier is neither a name nor an ARN."""
        return cls("Invalid identifier: Unexpected number of separators")

    @classmethod
    def region(cls) -> InvalidParameterException:
        """Say that an ARN is of another region."""
        return cls("Invalid Region in ARN")

    @classmethod
    def cluster(cls, given: str, own: str) -> InvalidParameterException:
        """Say that an ARN is of something in another cluster."""
        return cls(f"Invalid identifier: Identifier is for cluster {given}. Your cluster is {own}")

    @classmethod
    def length(cls, words: str, accepted: tuple[int, ...]) -> InvalidParameterException:
        """Say that an id is too long or too short."""
        return cls(f"{words} length should be one of [{','.join(map(str, accepted))}]")

    @classmethod
    def account(cls, given: str, own: str) -> InvalidParameterException:
        """Say that an ARN is of another account."""
        return cls(f"Identifier is for {given}. Your accountId is {own}")

    @classmethod
    def arn(cls) -> InvalidParameterException:
        """Say that an ARN names nothing that ECS can tag."""
        return cls("The ARN provided is invalid.")

    @classmethod
    def not_found(cls, kind: str) -> InvalidParameterException:
        """Say that an ARN names nothing that is there. Assumed: the text."""
        return cls(f"The specified {kind} was not found. Specify a valid {kind} and try again.")

    @classmethod
    def too_many(cls, things: str, limit: int) -> InvalidParameterException:
        """Say that a list is too long."""
        return cls(f"{things} can have at most {limit} items.")

    @classmethod
    def count(cls, given: int, limit: int) -> InvalidParameterException:
        """Say that there are too many or too few tasks. Assumed: the texts."""
        if given > limit:
            return cls(f"count cannot be greater than {limit}")
        return cls("count must be at least 1")

    @classmethod
    def strategy(cls, given: str) -> InvalidParameterException:
        """Say that there is no such placement strategy. Assumed: the text."""
        return cls(f"strategy.type '{given}' is not supported.")

    @classmethod
    def no_instances(cls) -> InvalidParameterException:
        """Say that nobody can be asked to run a task."""
        return cls("No Container Instances were found in your cluster.")

    @classmethod
    def launch_type_and_strategy(cls) -> InvalidParameterException:
        """Say that two ways to a task are one too many. Assumed: the text of CreateService."""
        return cls(
            "Specifying both a launch type and capacity provider strategy is not supported. "
            "Remove one and try again."
        )

    @classmethod
    def managed_instances(cls) -> InvalidParameterException:
        """Say that a cluster has no managed instances. Assumed: the text."""
        return cls("No managed instances capacity provider is associated with the cluster.")

    @classmethod
    def unknown_override(cls, name: str) -> InvalidParameterException:
        """Say that an override is for no container."""
        return cls(f"Override for container named {name} is not a container in the TaskDefinition.")

    @classmethod
    def no_exec_role(cls) -> InvalidParameterException:
        """Say that commands need a role."""
        return cls(
            "The execute command failed because a valid task role is not being used. Specify a "
            "valid task role in your task definition or as a task override and try again."
        )

    @classmethod
    def no_exec(cls) -> InvalidParameterException:
        """Say that a task takes no commands; the curly apostrophe is the service's."""
        return cls(
            "The execute command failed because execute command was not enabled when the task was "
            "run or the execute command agent isn’t running. Wait and try again or run a new task "
            "with execute command enabled and try again."
        )

    @classmethod
    def no_task(cls) -> InvalidParameterException:
        """Say that a task is not there."""
        return cls("The referenced task was not found.")

    @classmethod
    def several_bases_launched(cls) -> InvalidParameterException:
        """Say that the strategy of a launch has more than one base."""
        return cls(
            "There are multiple capacity providers in the specified capacity provider strategy "
            "with a base value greater than zero. Only one capacity provider can have a base value "
            "greater than zero. Specify a valid capacity provider strategy and try again."
        )

    @classmethod
    def no_weight(cls) -> InvalidParameterException:
        """Say that no part of a strategy has a weight."""
        return cls(
            "There are no capacity providers in the capacity provider strategy with a weight value "
            "greater than zero. Specify a weight value greater than zero for at least one capacity "
            "provider and try again."
        )

    @classmethod
    def setting(cls) -> InvalidParameterException:
        """Say that a setting has a value that is not known."""
        return cls("Invalid setting 'value'")

    @classmethod
    def inconsistent(cls) -> InvalidParameterException:
        """Say that a cluster of the name exists with other arguments."""
        return cls(
            "Arguments on this idempotent request are inconsistent with arguments used in "
            "previous request(s)."
        )

    @classmethod
    def unknown_provider(cls) -> InvalidParameterException:
        """Say that a capacity provider is not there."""
        return cls(
            "The specified capacity provider does not exist. "
            "Specify a valid name or ARN and try again."
        )

    @classmethod
    def foreign_provider(cls) -> InvalidParameterException:
        """Say that a strategy uses a provider that the cluster lacks."""
        return cls(
            "The specified capacity provider strategy cannot contain a capacity provider that is "
            "not associated with the cluster. Associate the capacity provider with the cluster "
            "or specify a valid capacity provider and try again."
        )

    @classmethod
    def several_bases(cls) -> InvalidParameterException:
        """Say that a default strategy has more than one base."""
        return cls(
            "The specified capacity provider strategy contains multiple capacity providers with a "
            "base value defined. Only one capacity provider per strategy can have a base value "
            "defined."
        )

    @classmethod
    def log_destination(cls) -> InvalidParameterException:
        """Say that overridden logging goes nowhere."""
        return cls(
            "A CloudWatch log group name or S3 bucket name must be specified when overriding the "
            "default log configuration."
        )

    @classmethod
    def log_override(cls) -> InvalidParameterException:
        """Say that a log configuration needs the mode OVERRIDE."""
        return cls("You must set logging to 'OVERRIDE' when you supply a log configuration.")

    @classmethod
    def namespace_name(cls) -> InvalidParameterException:
        """Say what the name of a Cloud Map namespace may be. Assumed: the text."""
        return cls('The namespace name must be at most 1024 characters without <, >, " or /.')

    @classmethod
    def revision(cls, given: str) -> InvalidParameterException:
        """Say that a revision is no number."""
        return cls(f"Invalid revision number. Number: {given}")

    @classmethod
    def tags(cls, problem: str) -> InvalidParameterException:
        """Say what is wrong with resource tags. Assumed: the text."""
        return cls(f"Tags are invalid: {problem}.")


class ClusterNotFoundException(AwsError):
    """The cluster is not there, or not active any more."""

    @classmethod
    def missing(cls) -> ClusterNotFoundException:
        """Say that there is none."""
        return cls("Cluster not found.")

    @classmethod
    def inactive(cls) -> ClusterNotFoundException:
        """Say that it was deleted."""
        return cls("The referenced cluster was inactive.")


class NamespaceNotFoundException(AwsError):
    """A Cloud Map namespace is not there."""

    def __init__(self, namespace: str) -> None:
        super().__init__(f"Failed to retrieve namespace for {namespace}")


class ClientException(AwsError):
    """A request that the service cannot act on."""

    @classmethod
    def undescribable(cls) -> ClientException:
        """Say that a task definition is not there to be looked at."""
        return cls("Unable to describe task definition.")

    @classmethod
    def unknown_task_definition(cls) -> ClientException:
        """Say that a task definition is not there to be run."""
        return cls("TaskDefinition not found.")

    @classmethod
    def role(cls, role_arn: str) -> ClientException:
        """Say that ECS cannot assume a role. Assumed: the end of the text."""
        return cls(
            f"ECS was unable to assume the role '{role_arn}' that was provided for this task. "
            f"Please verify that the role being passed has the proper trust relationship and "
            f"permissions and that your IAM user has permissions to pass this role."
        )

    @classmethod
    def tags(cls, problem: str) -> ClientException:
        """Say what is wrong with resource tags. Assumed: the text."""
        return cls(f"Tags are invalid: {problem}.")


class AttributeLimitExceededException(AwsError):
    """A resource would have too many attributes. Assumed: the text."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"You can apply at most {limit} custom attributes to a resource.")


class TargetNotFoundException(AwsError):
    """What an attribute is of is not there."""

    def __init__(self, target_id: str) -> None:
        super().__init__(f"Could not find {target_id}")


class TargetNotConnectedException(AwsError):
    """The agent that runs commands in a task cannot be reached."""

    def __init__(self) -> None:
        super().__init__("The execute command failed due to an internal error. Try again later.")


class NoUpdateAvailableException(AwsError):
    """The agent of an instance is up to date."""

    def __init__(self) -> None:
        super().__init__("There is no update available for your container agent.")


class UpdateInProgressException(AwsError):
    """Something changes already. Assumed: the text for agents."""


class ServiceNotFoundException(AwsError):
    """There is no such service."""

    def __init__(self) -> None:
        super().__init__("Service not found.")


class PlatformUnknownException(AwsError):
    """There is no such platform version on Fargate."""

    def __init__(self) -> None:
        super().__init__("The specified platform does not exist.")


class PlatformTaskDefinitionIncompatibilityException(AwsError):
    """A platform version cannot run what a task definition asks for."""

    def __init__(self) -> None:
        super().__init__("One or more of the requested capabilities are not supported.")


class ConflictException(AwsError):
    """A client token was used for another request. Assumed: the text."""

    def __init__(self, resource_ids: list[str]) -> None:
        super().__init__(
            "The client token was used for a request with other parameters.",
            resourceIds=resource_ids,
        )


class ClusterContainsContainerInstancesException(AwsError):
    """A cluster that is to go has instances."""

    def __init__(self) -> None:
        super().__init__(
            "The Cluster cannot be deleted while Container Instances are active or draining."
        )


class ClusterContainsTasksException(AwsError):
    """A cluster that is to go has tasks."""

    def __init__(self) -> None:
        super().__init__("The Cluster cannot be deleted while Tasks are active.")
