"""A request of each dialect that has every kind of piece: what reads requests is tried with it and with what differs from it."""

from typing import Any

from dragoman.sandbox.signature import sign
from support.sandbox import CHAT, CHAT_TOOLS, COHERE, GEMINI, MESSAGES, MESSAGES_TOOLS, OLLAMA, RESPONSES, SCHEMA, target

CHAT_BODY: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": [{"type": "text", "text": "x"}]},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "x"}]},
        {"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}, {"type": "text", "text": "hi"}]},
    ],
    "tools": [*CHAT_TOOLS, {"type": "custom", "custom": {"name": "c"}}],
    "tool_choice": {
        "type": "allowed_tools",
        "allowed_tools": {"mode": "auto", "tools": [{"type": "custom", "custom": {"name": "c"}}]},
    },
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}, "strict": False}},
    "stream": True,
    "stream_options": {"include_usage": True},
    "stop": ["x"],
    "n": 2,
    "max_tokens": 100,
    "temperature": 1,
    "thinking": {"type": "enabled"},
    "reasoning": {"effort": "low"},
    "reasoning_effort": "low",
}
MESSAGES_BODY: dict[str, Any] = {
    "model": "m",
    "max_tokens": 2000,
    "system": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}]},
        {"role": "system", "content": "x"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "x", "signature": sign("x")},
                {"type": "redacted_thinking", "data": sign("x", "redacted")},
                {"type": "tool_use", "id": "t", "name": "f", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "x"}]},
                {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}},
                {"type": "text", "text": "hi"},
            ],
        },
    ],
    "tools": MESSAGES_TOOLS,
    "tool_choice": {"type": "tool", "name": "get_weather", "disable_parallel_tool_use": True},
    "thinking": {"type": "adaptive", "display": "omitted"},
    "output_config": {
        "effort": "low",
        "format": {"type": "json_schema", "schema": {"type": "object", "additionalProperties": False}},
    },
    "stop_sequences": ["x"],
    "stream": True,
    "temperature": 1,
    "metadata": {"user_id": "x"},
}
RESPONSES_BODY: dict[str, Any] = {
    "model": "m",
    "instructions": "Say json.",
    "input": [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "x"}], "id": "msg_1"},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "x"},
                {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "auto"},
                {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="},
            ],
        },
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": sign("x", "reasoning")},
        {
            "type": "message",
            "role": "assistant",
            "id": "msg_2",
            "status": "completed",
            "content": [{"type": "output_text", "text": "x"}],
        },
        {"type": "function_call", "id": "fc_1", "call_id": "a", "name": "f", "arguments": "{}", "namespace": "n"},
        {"type": "custom_tool_call", "id": "ctc_1", "call_id": "b", "name": "c", "input": "x"},
        {"type": "tool_search_call", "call_id": "s", "execution": "client", "arguments": {"query": "x"}},
        {"type": "function_call_output", "call_id": "a", "output": [{"type": "input_text", "text": "x"}]},
        {"type": "custom_tool_call_output", "call_id": "b", "output": "x"},
        {"type": "tool_search_output", "call_id": "s", "tools": [{"type": "custom", "name": "found"}]},
        {"type": "additional_tools", "role": "developer", "tools": [{"type": "custom", "name": "more"}]},
        {"type": "compaction", "encrypted_content": sign("x", "compaction")},
        {"role": "user", "content": "hi"},
    ],
    "tools": [
        {"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": True, "description": "x"},
        {"type": "custom", "name": "c", "format": {"type": "grammar", "syntax": "lark", "definition": "x"}},
        {"type": "namespace", "name": "n", "description": "x", "tools": [{"type": "function", "name": "f", "strict": False}]},
        {"type": "tool_search", "execution": "client"},
        {"type": "web_search"},
    ],
    "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "custom", "name": "c"}]},
    "parallel_tool_calls": False,
    "reasoning": {"effort": "low", "summary": "auto"},
    "text": {"format": {"type": "json_schema", "name": "x", "schema": SCHEMA, "strict": True}, "verbosity": "low"},
    "include": ["reasoning.encrypted_content"],
    "max_output_tokens": 100,
    "temperature": 1,
    "metadata": {"a": "b"},
    "store": True,
    "stream": True,
    "stream_options": {"include_obfuscation": False},
    "truncation": "auto",
    "prompt_cache_key": "x",
}
GEMINI_BODY: dict[str, Any] = {
    "systemInstruction": {"parts": [{"text": "x"}]},
    "contents": [
        {"role": "user", "parts": [{"text": "x"}, {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}]},
        {
            "role": "model",
            "parts": [
                {"text": "x", "thought": True},
                {"functionCall": {"id": "a", "name": "f", "args": {"x": 1}}, "thoughtSignature": sign("{}", "thought")},
            ],
        },
        {"role": "user", "parts": [{"functionResponse": {"id": "a", "name": "f", "response": {"output": "x"}}}]},
        {"role": "model", "parts": [{"text": "x"}]},
        {
            "role": "user",
            "parts": [{"text": "hi"}, {"fileData": {"mimeType": "application/pdf", "fileUri": "https://example.com/"}}],
        },
    ],
    "tools": [
        {
            "functionDeclarations": [
                {"name": "get_weather", "parametersJsonSchema": SCHEMA},
                {"name": "f", "parameters": {"type": "OBJECT", "properties": {"x": {"type": "STRING", "enum": ["a"]}}}},
            ]
        },
        {"googleSearch": {}},
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
    "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
    "generationConfig": {
        "temperature": 1,
        "topP": 0.5,
        "maxOutputTokens": 100,
        "candidateCount": 2,
        "stopSequences": ["x"],
        "responseMimeType": "application/json",
        "responseSchema": {
            "type": "OBJECT",
            "properties": {"a": {"anyOf": [{"type": "STRING"}]}, "b": {"type": "ARRAY", "items": {}}},
        },
        "thinkingConfig": {"includeThoughts": True, "thinkingLevel": "LOW"},
    },
}
OLLAMA_BODY: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "x"},
        {"role": "user", "content": "x", "images": ["iVBORw0KGgo="]},
        {"role": "assistant", "content": "", "thinking": "x", "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1}}}]},
        {"role": "tool", "tool_name": "f", "content": "x"},
        {"role": "user", "content": "hi"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}],
    "stream": True,
    "format": SCHEMA,
    "options": {"num_predict": 100, "temperature": 0.5, "stop": ["x"]},
    "think": True,
}
COHERE_BODY: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "x"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "https://x.example/"}}],
        },
        {
            "role": "assistant",
            "tool_plan": "x",
            "content": [{"type": "thinking", "thinking": "x"}],
            "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "a", "content": [{"type": "document", "document": {"data": "x"}}]},
        {"role": "user", "content": "hi"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}],
    "tool_choice": "REQUIRED",
    "thinking": {"type": "enabled", "token_budget": 100},
    "stop_sequences": ["x"],
    "max_tokens": 100,
    "temperature": 0.5,
    "p": 0.5,
    "k": 5,
    "stream": True,
}
COUNTED: dict[str, Any] = {"generateContentRequest": {**GEMINI_BODY, "model": "models/m"}}
BODIES: dict[str, dict[str, Any]] = {
    CHAT: CHAT_BODY,
    MESSAGES: MESSAGES_BODY,
    f"{MESSAGES}/count_tokens": MESSAGES_BODY,
    RESPONSES: RESPONSES_BODY,
    f"{RESPONSES}/input_tokens": RESPONSES_BODY,
    f"{RESPONSES}/compact": RESPONSES_BODY,
    target(GEMINI, "gemini-3.5-flash"): GEMINI_BODY,
    target(GEMINI, "m", stream=True).partition("?")[0]: GEMINI_BODY,
    f"{GEMINI}/m:countTokens": COUNTED,
    OLLAMA: OLLAMA_BODY,
    COHERE: COHERE_BODY,
}
"""Path -> a maximal request there."""

_CONTENT: dict[str, Any] = {"parts": [{"text": "x"}]}
_EMBED: dict[str, Any] = {"model": "models/m", "content": _CONTENT, "outputDimensionality": 8}
BESIDE: dict[str, dict[str, Any]] = {
    "/v1/embeddings": {"model": "m", "input": ["a", [1]], "encoding_format": "base64", "dimensions": 8},
    "/v1/moderations": {"model": "m", "input": [{"type": "text", "text": "x"}]},
    "/v1/images/generations": {"model": "m", "prompt": "x", "n": 2, "size": "auto", "stream": True, "partial_images": 1},
    "/v1/audio/speech": {"model": "m", "input": "x", "voice": "v", "response_format": "wav", "stream_format": "sse"},
    "/v1/rerank": {"model": "m", "query": "x", "documents": ["x", {"text": "y"}], "top_n": 1, "return_documents": True},
    f"{GEMINI}/m:embedContent": _EMBED,
    f"{GEMINI}/m:batchEmbedContents": {"requests": [_EMBED]},
    "/api/embed": {"model": "m", "input": ["x"], "dimensions": 8},
    "/api/show": {"model": "m"},
    "/v2/embed": {"model": "m", "texts": ["x"], "input_type": "x", "embedding_types": ["float"], "output_dimension": 256},
    "/v2/rerank": {"model": "m", "query": "x", "documents": ["x"]},
    f"{MESSAGES}/batches": {"requests": [{"custom_id": "x", "params": MESSAGES_BODY}]},
}
"""The same for what is no chat."""
