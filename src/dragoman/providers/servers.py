"""The rows of servers that people run themselves, and of what an unknown provider is taken for. Rule: facts only.

Local rows may be reached on loopback and private addresses (`allow_private`).
"""

from dragoman.providers.row import Form, Preset, Speaks

CHAT, RESPONSES, ANTHROPIC = "openai-chat", "openai-responses", "anthropic"
_DOCS = "project documentation, 2026-11-20"
_V1 = Speaks(tail="/v1")
_BEARER = Speaks(auth="bearer")
_LOCAL = {RESPONSES: _V1, CHAT: _V1, ANTHROPIC: Speaks()}
_OLLAMA_API = Form(end=r"/api(?:/(?:chat|generate|tags))?", dialects=(), to="")

SERVERS = (
    Preset(
        id="ollama",
        title="Ollama",
        root="http://localhost:11434",
        base="http://localhost:11434",
        names=("local ollama",),
        speaks={CHAT: _V1, ANTHROPIC: _BEARER, RESPONSES: _V1, "ollama": _BEARER},
        forms=(_OLLAMA_API,),
        env=("OLLAMA",),
        default_model="llama3",
        local=True,
        found_alone=True,
        listing="ollama",
        source=_DOCS,
    ),
    Preset(
        id="ollama-cloud",
        title="Ollama Cloud",
        root="https://ollama.com",
        base="https://ollama.com",
        hosts=("ollama.com",),
        speaks={CHAT: _V1, ANTHROPIC: _BEARER, "ollama": _BEARER},
        forms=(_OLLAMA_API,),
        listing="ollama",
        source=_DOCS + "; bearer only",
    ),
    Preset(id="vllm", title="vLLM", base="http://localhost:8000/v1", speaks=_LOCAL, env=("VLLM",), local=True, source=_DOCS),
    Preset(
        id="llama-cpp",
        title="llama.cpp",
        base="http://localhost:8080/v1",
        names=("llamacpp", "llama.cpp", "llama-server"),
        speaks=_LOCAL,
        env=("LLAMACPP",),
        local=True,
        source=_DOCS,
    ),
    Preset(
        id="lm-studio",
        title="LM Studio",
        base="http://localhost:1234/v1",
        names=("lmstudio",),
        speaks=_LOCAL,
        env=("LMSTUDIO",),
        local=True,
        source=_DOCS,
    ),
    Preset(
        id="sandbox",
        title="Sandbox",
        speaks={
            CHAT: _V1,
            ANTHROPIC: Speaks(),
            RESPONSES: _V1,
            "gemini": Speaks(tail="/v1beta"),
            "ollama": Speaks(),
            "cohere": Speaks(tail="/v2"),
        },
        families=r"sandbox(?:$|-)",
        default_model="sandbox",
        local=True,
        source="Dragoman's own",
    ),
    Preset(id="custom", title="Custom", names=("other",), speaks={CHAT: _V1}, source="what an unknown provider is taken for"),
)
