"""The rows of the clouds: Microsoft's, Google's and Amazon's. Rule: facts only; what a dialect is at a host of another vendor is
said by data (`Speaks.ways`; core.quirks.Host in providers/cloud_rows).

Sources: the vendors' API references and the SDKs anthropic 2.10.0, google-genai 3.3.0 and botocore 1.44.5, as of 2026-11-20.
"""

from dragoman.providers.row import Form, Made, Preset, Speaks

CHAT, RESPONSES, ANTHROPIC, GEMINI, CONVERSE = "openai-chat", "openai-responses", "anthropic", "gemini", "bedrock"
_DOCS = "vendor documentation and SDK, 2026-11-20"
_AZURE_VERSION = "api-version=2024-10-21"

AZURE = (
    Preset(
        id="azure",
        title="Azure OpenAI",
        hosts=(".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"),
        names=("azure openai", "azure-openai", "azure ai foundry", "azure foundry", "foundry"),
        speaks={RESPONSES: Speaks(tail="/openai/v1"), CHAT: Speaks(tail="/openai/v1")},
        forms=(
            Form(end=r"/openai/deployments/[^/]+", dialects=(CHAT,), query=_AZURE_VERSION),
            Form(end=r"/openai/deployments", dialects=(CHAT,), to="/openai/deployments/{model}", query=_AZURE_VERSION),
            Form(end=r"^(?:/openai)?", dialects=(CHAT,), to="/openai/deployments/{model}", when=r"api-version=\d"),
            Form(end=r"^/openai", dialects=(RESPONSES, CHAT), to="/openai/v1"),
            Form(end=r"/anthropic", dialects=(ANTHROPIC,)),
        ),
        url_decides=True,
        env=("AZURE_OPENAI",),
        env_base=("AZURE_OPENAI_ENDPOINT",),
        auth="azure",
        source=_DOCS + "; Claude is at /anthropic, under the same resource's key",
    ),
    Preset(
        id="azure-serverless",
        title="Azure serverless",
        hosts=(".models.ai.azure.com",),
        speaks={CHAT: Speaks(tail="/v1")},
        source=_DOCS,
    ),
)

GOOGLE = (
    Preset(
        id="vertex",
        title="Vertex AI",
        root="https://aiplatform.googleapis.com/v1",
        hosts=("aiplatform.googleapis.com", "*-aiplatform.googleapis.com", "aiplatform.*.rep.googleapis.com"),
        names=("vertex ai", "vertexai", "google vertex", "google vertex ai", "gcp"),
        speaks={
            GEMINI: Speaks(tail="/publishers/google"),
            ANTHROPIC: Speaks(
                tail="/publishers/anthropic",
                ways={
                    "chat": "/models/{model}:rawPredict",
                    "stream": "/models/{model}:streamRawPredict",
                    "count_tokens": "/models/count-tokens:rawPredict",
                },
            ),
            CHAT: Speaks(tail="/endpoints/openapi", prefix="google/", faithful=False),
        },
        forms=(
            Form(end=r"/projects/[^/]+/locations/[^/]+", dialects=(), below=True),
            Form(end=r"^/v1(?:beta1)?", dialects=(), below=True),
        ),
        anywhere=True,
        env=("VERTEX",),
        env_shared=("GOOGLE_APPLICATION_CREDENTIALS",),
        made=Made(
            url="https://{location}-aiplatform.googleapis.com/v1/projects/{project}/locations/{location}",
            names={
                "location": ("VERTEX_LOCATION", "GOOGLE_CLOUD_LOCATION", "CLOUD_ML_REGION"),
                "project": ("VERTEX_PROJECT", "GOOGLE_CLOUD_PROJECT", "ANTHROPIC_VERTEX_PROJECT_ID"),
            },
            usual={"location": "global"},
            others={
                "global": "https://aiplatform.googleapis.com/v1/projects/{project}/locations/global",
                "us": "https://aiplatform.us.rep.googleapis.com/v1/projects/{project}/locations/us",
                "eu": "https://aiplatform.eu.rep.googleapis.com/v1/projects/{project}/locations/eu",
            },
        ),
        auth="google",
        source=_DOCS + "; the compatible endpoint says less than Gemini's own and is asked where nothing else is built",
    ),
    Preset(
        id="claude-google",
        title="Claude on Google Cloud",
        root="https://claude.googleapis.com",
        base="https://claude.googleapis.com",
        hosts=("claude.googleapis.com",),
        names=("claude on google cloud",),
        speaks={ANTHROPIC: Speaks()},
        auth="google",
        listing="anthropic",
        source=_DOCS,
    ),
)

AMAZON = (
    Preset(
        id="bedrock",
        title="Amazon Bedrock",
        hosts=(
            "bedrock-runtime.*.amazonaws.com",
            "bedrock-runtime-fips.*.amazonaws.com",
            "bedrock-runtime.*.amazonaws.com.cn",
            "*.bedrock-runtime.*.vpce.amazonaws.com",
        ),
        names=("amazon bedrock", "aws bedrock", "aws", "amazon"),
        speaks={
            CONVERSE: Speaks(),
            ANTHROPIC: Speaks(
                ways={
                    "chat": "/model/{model}/invoke",
                    "stream": "/model/{model}/invoke-with-response-stream",
                    "count_tokens": "/model/{model}/count-tokens",
                },
            ),
            CHAT: Speaks(tail="/openai/v1"),
        },
        anywhere=True,
        families=r"(?:(?:us|eu|apac|au|jp|global|us-gov)\.)?(?:anthropic|amazon|meta|cohere|ai21|mistral|deepseek|qwen|openai)\.",
        env=("BEDROCK",),
        env_keys=("AWS_BEARER_TOKEN_BEDROCK",),
        env_shared=("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        made=Made(
            url="https://bedrock-runtime.{region}.amazonaws.com",
            names={"region": ("BEDROCK_REGION", "AWS_REGION", "AWS_DEFAULT_REGION")},
            usual={"region": "us-east-1"},
        ),
        auth="aws",
        service="bedrock",
        listing="bedrock",
        source=_DOCS,
    ),
    Preset(
        id="bedrock-mantle",
        title="Amazon Bedrock Mantle",
        hosts=("bedrock-mantle.*.api.aws",),
        names=("mantle",),
        speaks={RESPONSES: Speaks(tail="/openai/v1"), CHAT: Speaks(tail="/v1"), ANTHROPIC: Speaks(tail="/anthropic")},
        anywhere=True,
        auth="aws",
        service="bedrock-mantle",
        source=_DOCS,
    ),
    Preset(
        id="claude-aws",
        title="Claude Platform on AWS",
        hosts=("aws-external-anthropic.*.api.aws",),
        names=("claude platform on aws",),
        speaks={ANTHROPIC: Speaks()},
        auth="aws",
        service="aws-external-anthropic",
        listing="anthropic",
        source=_DOCS + "; wants the header anthropic-workspace-id",
    ),
)

CLOUDS = (*AZURE, *GOOGLE, *AMAZON)
