"""The rows of servers that people run themselves, and of what an unknown provider is taken for. Rule: facts only.

Local rows may be reached on loopback and private addresses (`allow_private`).
"""

from dragoman.providers.row import Form, Preset, Speaks

CHAT, RESPONSES, ANTHROPIC, OLLAMA = "openai-chat", "openai-responses", "anthropic", "ollama"
_DOCS = "project documentation, 2026-11-20"
_V1 = Speaks(tail="/v1")
_BEARER = Speaks(auth="bearer")
_LOCAL = {RESPONSES: _V1, CHAT: _V1, ANTHROPIC: Speaks()}
_MERELY_THERE = {RESPONSES: _V1, CHAT: _V1, ANTHROPIC: Speaks(faithful=False)}
"""A server that makes Chat of Anthropic's messages itself, and claims no more than that many programs can live with it."""
_OLLAMA_API = Form(end=r"/api(?:/(?:generate|tags))?", dialects=(), to="")
_OLLAMA = Speaks(auth="bearer", everywhere=True)
"""Its own API comes first: whoever does not speak Chat keeps top_k there, and a model the parameters of its own file, where `/v1`
writes temperature 1 and top_p 1 over them; errors in a stream keep their words (Ollama's openai/openai.go and
middleware/openai.go, 2026-08-21)."""

SERVERS = (
    Preset(
        id="ollama",
        title="Ollama",
        root="http://localhost:11434",
        base="http://localhost:11434",
        names=("local ollama",),
        speaks={OLLAMA: _OLLAMA, CHAT: _V1, ANTHROPIC: _BEARER, RESPONSES: _V1},
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
        speaks={OLLAMA: _OLLAMA, CHAT: _V1, ANTHROPIC: _BEARER},
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
        speaks=_MERELY_THERE,
        env=("LLAMACPP",),
        local=True,
        source=_DOCS + "; tools/server/README.md: no strong claims of compatibility with Anthropic's format are made",
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
