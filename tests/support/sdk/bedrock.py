"""Amazon's own model of Converse, as botocore checks what its callers give it. Answers are judged by `support.reading`."""

import json
from functools import cache
from typing import Any

import botocore.session
from botocore.validate import ParamValidator


@cache
def _shape() -> Any:
    model = botocore.session.get_session().get_service_model("bedrock-runtime")
    return model.operation_model("Converse").input_shape


def faults(body: bytes) -> str:
    """What is wrong with a request by Amazon's model; "" for nothing."""
    members = {**json.loads(body), "modelId": "m"}
    report = ParamValidator().validate(members, _shape())
    return str(report.generate_report())
