"""A server of the Model Context Protocol over stdin and stdout with one tool, for the programs under test."""

import json
import sys
from typing import Any

WEATHER = {
    "name": "get_weather",
    "description": "The weather of a city.",
    "inputSchema": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["c", "f"], "default": "c"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}


def result(method: str, asked: dict[str, Any]) -> dict[str, Any]:
    match method:
        case "initialize":
            served = {"name": "box", "version": "1"}
            return {"protocolVersion": asked["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": served}
        case "tools/list":
            return {"tools": [WEATHER]}
        case "tools/call":
            return {"content": [{"type": "text", "text": f"Sunny in {asked['arguments']['city']}"}]}
    return {}


for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        told = {"jsonrpc": "2.0", "id": message["id"], "result": result(message["method"], message.get("params", {}))}
        print(json.dumps(told), flush=True)
