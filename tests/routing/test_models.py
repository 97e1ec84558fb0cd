from dragoman.core.config import Route, Snapshot
from dragoman.routing import models
from dragoman.routing.resolve import resolve
from support.routing import examples, provider, sandbox, snapshot


def ids(config: Snapshot) -> list[str]:
    return [name.id for name in models.listing(config)]


def test_what_stands_in_the_list_resolves_to_its_owner() -> None:
    config = snapshot(*examples(), routes={"auto": Route(name="auto", targets=(("groq", "x"),))})
    for name in models.listing(config):
        first = resolve(config, name.id).candidates[0]
        assert name.owner in (first.provider.slug, "dragoman")
        assert name.id.endswith(first.model) or name.owner == "dragoman"
        assert models.lookup(config, name.id) == name


def test_bare_ids_and_addressed_ones() -> None:
    config = snapshot(
        provider("OpenAI", "openai", models=("gpt-4o",), priority=1),
        provider("Groq", "groq", models=("llama-3.1-8b-instant",), discovered=("shared",), priority=2),
        provider("Box", "vllm", discovered=("shared", "llama3:70b"), priority=3),
        provider("Off", "mistral", models=("mistral-large-latest",), is_active=False),
    )
    assert ids(config) == [
        "gpt-4o",
        "llama-3.1-8b-instant",
        "shared",
        "llama3:70b",
        "groq:llama-3.1-8b-instant",
        "groq:shared",
        "box:shared",
        "box:llama3:70b",
    ]


def test_a_family_name_that_two_providers_have_is_addressed_as_well() -> None:
    config = snapshot(provider("A", "openai", models=("gpt-4o",)), provider("B", "openai", models=("gpt-4o",)))
    assert ids(config) == ["gpt-4o", "a:gpt-4o", "b:gpt-4o"]


def test_routes_stand_first_and_only_while_they_lead_somewhere() -> None:
    config = snapshot(
        provider("A", models=("m",)),
        provider("Off", is_active=False),
        routes={
            "auto": Route(name="auto", targets=(("a", "m"),)),
            "dead": Route(name="dead", targets=(("off", "m"),)),
            "off": Route(name="off", targets=(("a", "m"),), is_active=False),
        },
    )
    assert ids(config) == ["auto", "m", "a:m"]


def test_a_large_catalogue_has_each_name_once() -> None:
    config = snapshot(provider("A", discovered=tuple(f"vendor/model-{number}" for number in range(153))))
    assert len(ids(config)) == len(set(ids(config))) == 306


def test_lookup_takes_whatever_a_rule_knows_and_nothing_else() -> None:
    config = snapshot(*examples())
    for known in ("claude-opus-5", "groq:anything", "openai/gpt-4o", "gpt-4.1", "anthropic/claude-3.5-sonnet", "llama3:70b"):
        found = models.lookup(config, known)
        assert found is not None
        assert found.id == known
    assert models.lookup(config, "unheard-of") is None
    assert models.lookup(config, "") is None
    assert models.lookup(snapshot(), "gpt-4o") is None


def test_a_name_that_the_only_provider_would_be_asked_can_be_looked_up() -> None:
    only = snapshot(provider("Only"))
    for asked in ("handed-on", "claude-gw/handed-on"):
        found = models.lookup(only, asked)
        assert found is not None
        assert (found.id, found.owner) == (asked, "only")
    told = snapshot(provider("Only", discovered=("its-own",)))
    assert models.lookup(told, "its-own") is not None
    assert models.lookup(told, "handed-on") is None
    assert models.lookup(told, "claude-gw/handed-on") is None


def test_the_sandbox_lists_its_scenarios() -> None:
    assert ids(snapshot(sandbox())) == ["sandbox", "sandbox-slow"]


def test_aliases_for_clients_that_keep_only_claudes_names() -> None:
    config = snapshot(
        provider("OpenAI", "openai", models=("gpt-4o",), priority=1),
        provider("Groq", "groq", models=("llama",), priority=2),
        provider("Anthropic", "anthropic", models=("claude-opus-5",), priority=3),
        routes={"auto": Route(name="auto", targets=(("groq", "llama"),))},
    )
    named = {name.id: (name.alias, name.alias_name) for name in models.listing(config)}
    assert named == {
        "auto": ("claude-gw/auto", "auto"),
        "gpt-4o": ("claude-gw/openai:gpt-4o", "gpt-4o (OpenAI)"),
        "llama": ("claude-gw/groq:llama", "llama (Groq)"),
        "groq:llama": ("claude-gw/groq:llama", "llama (Groq)"),
        "claude-opus-5": ("", ""),
    }
    for id_, (alias, name) in named.items():
        if alias:
            told = models.lookup(config, alias)
            assert told is not None
            assert (told.id, told.display_name, told.alias) == (alias, name, "")
            assert resolve(config, alias).candidates[0] == resolve(config, id_).candidates[0]
    assert models.lookup(config, "claude-gw/no-such-model") is None
