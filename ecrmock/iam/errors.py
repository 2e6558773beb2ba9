"""The errors of STS that follow from its state. Constraints of the model are worded elsewhere."""

from __future__ import annotations

from ecrmock.core.errors import AwsError


class ValidationError(AwsError):
    """A parameter has a value that it cannot have. Source: STS API reference, common errors."""

    status = 400
