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
