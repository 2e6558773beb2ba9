"""Botocore as the judge: its serializers, parsers and validators, one of each service."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from botocore.awsrequest import AWSRequest
from botocore.endpoint import Endpoint
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's own model of a service."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def operation_model(service: str, operation: str) -> OperationModel:
    """Return botocore's own model of an operation."""
    return service_model(service).operation_model(operation)


def serialised(service: str, operation: str, request: dict[str, Any]) -> Any:
    """Return the body that botocore makes of a request: bytes, or a dict for a query service.

    Raises:
        ParamValidationError: botocore does not let the request through.
    """
    model = operation_model(service, operation)
    serializer = create_serializer(model.service_model.metadata["protocol"])
    return serializer.serialize_to_request(request, model)["body"]


def over_http(form: dict[str, Any]) -> dict[str, str]:
    """Return the parameters of a query service as they come out of an HTTP body."""
    prepared = AWSRequest("POST", "https://iam.amazonaws.com/", data=form).prepare()
    return dict(parse_qsl(prepared.body, keep_blank_values=True, strict_parsing=True))


def accepts(service: str, operation: str, request: dict[str, Any]) -> bool:
    """Tell whether botocore's validator lets a request through."""
    shape = operation_model(service, operation).input_shape
    return not ParamValidator().validate(request, shape).has_errors()


def parsed(
    service: str, operation: str, body: bytes, *, status: int, headers: dict[str, str]
) -> dict[str, Any]:
    """Return what botocore makes of an answer, modelled members of an error included."""
    model = operation_model(service, operation)
    parser = create_parser(model.service_model.metadata["protocol"])
    response = {"status_code": status, "headers": headers, "body": body}
    answer = parser.parse(response, model.output_shape)
    if status >= 300:
        Endpoint._add_modeled_error_fields(None, response, answer, model, parser)
    return answer
