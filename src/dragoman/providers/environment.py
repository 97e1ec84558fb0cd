"""OPENAI_API_KEY and the like -> providers (requirements S1-41..44). Rule: pure; who reads the environment is settings.

`<PREFIX>_API_KEY` makes a provider; `_BASE_URL` and `_MODEL` refine it. Local servers need no key: one of the three is enough,
and one that is likely there anyway is kept for calls that address it.
"""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from dragoman.core.config import Provider, Secret
from dragoman.core.errors import ConfigError
from dragoman.providers import urls
from dragoman.providers.presets import PRESETS, named
from dragoman.providers.row import Made, Preset

_PRIORITY = 100
"""Of the first provider of the environment: those of the database stand before, unless they say otherwise."""


class Environment(Struct, frozen=True, kw_only=True):
    """`priority`: PROVIDERS_PRIORITY, as preset ids where they are known. `warnings`: one clear line each."""

    providers: tuple[Provider, ...] = ()
    priority: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def from_environment(env: Mapping[str, str]) -> Environment:
    """The providers that the environment names. Their ids are negative: they are no rows of the database."""
    warnings: list[str] = []
    priority = _priority(env.get("PROVIDERS_PRIORITY", ""), warnings)
    ranks = {name: rank for rank, name in reversed(list(enumerate(priority)))}
    providers: list[Provider] = []
    for number, preset in enumerate(PRESETS.values(), start=1):
        found = _provider(preset, env, -number, warnings)
        if found is not None:
            rank = ranks.get(preset.id, len(ranks) + number)
            providers.append(replace(found, priority=_PRIORITY + rank))
    return Environment(
        providers=tuple(sorted(providers, key=lambda provider: provider.priority)),
        priority=priority,
        warnings=tuple(warnings),
    )


def without_prefix(model: str, preset: Preset) -> str:
    """`groq:gemma2-9b-it` in GROQ_MODEL -> `gemma2-9b-it`; a colon that belongs to the model stays (`llama3:8b`)."""
    before, colon, after = model.strip().partition(":")
    if colon != "" and after.strip() != "" and named(before) is preset:
        return after.strip()
    return model.strip()


def _priority(value: str, warnings: list[str]) -> tuple[str, ...]:
    """Names in order, each once. An unknown one is kept: it may be a provider of the database."""
    found: dict[str, None] = {}
    for word in value.split(","):
        name = word.strip()
        if name == "":
            continue
        preset = named(name)
        if preset is None:
            known = ", ".join(row.id for row in PRESETS.values() if row.env)
            warnings.append(f"PROVIDERS_PRIORITY: unknown provider {name!r} (known: {known})")
        found[name.lower() if preset is None else preset.id] = None
    return tuple(found)


def _provider(preset: Preset, env: Mapping[str, str], id_: int, warnings: list[str]) -> Provider | None:
    key_name, key = _first(env, [*(f"{prefix}_API_KEY" for prefix in preset.env), *preset.env_keys])
    url_name, url = _first(env, [*(f"{prefix}_BASE_URL" for prefix in preset.env), *preset.env_base])
    _, model = _first(env, [f"{prefix}_MODEL" for prefix in preset.env])
    if key == "" and (url != "" or model != "" or _placed(preset, env)):
        key = _shared(preset.env_shared, env)
    if url == "" and key != "" and preset.made is not None:
        url_name, url = _made(preset.made, env)
    named_here = key != "" or url != "" or model != ""
    if not _wanted(preset, key_name if key else "", url_name if url else "", model, warnings):
        return None
    base_url = url or preset.base
    if not _usable(base_url, url_name, key_name, warnings):
        return None
    return Provider(
        id=id_,
        name=preset.title,
        slug=preset.id,
        provider_type=preset.id,
        base_url=base_url,
        api_key=Secret(key),
        default_model=without_prefix(model, preset),
        allow_private=preset.local,
        addressed_only=not named_here,
        source="env",
    )


def _placed(preset: Preset, env: Mapping[str, str]) -> bool:
    """A variable of its own tells where it is."""
    names = () if preset.made is None else (variables[0] for variables in preset.made.names.values())
    return any(env.get(name, "").strip() != "" for name in names)


def _shared(names: tuple[str, ...], env: Mapping[str, str]) -> str:
    """The key that several variables are together; "" where one of them is missing, the last of three or more excepted."""
    found = [env.get(name, "").strip() for name in names]
    needed = found[:-1] if len(found) > 2 else found
    return ":".join(part for part in found if part != "") if found and all(needed) else ""


def _made(made: Made, env: Mapping[str, str]) -> tuple[str, str]:
    """(a variable to name, the URL); "" where something is missing."""
    values: dict[str, str] = {}
    for name, variables in made.names.items():
        _, found = _first(env, list(variables))
        values[name] = found or made.usual.get(name, "")
        if values[name] == "":
            return variables[0], ""
    place = next(iter(values.values()))
    return next(iter(made.names.values()))[0], made.others.get(place, made.url).format_map(values)


def _wanted(preset: Preset, key_name: str, url_name: str, model: str, warnings: list[str]) -> bool:
    if not preset.env:
        return False
    if preset.local:
        return preset.found_alone or url_name != "" or key_name != "" or model != ""
    if key_name == "" and url_name != "":
        warnings.append(f"{url_name} is set, but no {preset.env[0]}_API_KEY: {preset.title} is not used")
    return key_name != ""


def _usable(base_url: str, url_name: str, key_name: str, warnings: list[str]) -> bool:
    if base_url == "":
        warnings.append(f"{key_name} is set, but no {url_name}: the provider is not used")
        return False
    try:
        urls.check(base_url)
    except ConfigError as error:
        warnings.append(f"{url_name}: {error}: the provider is not used")
        return False
    return True


def _first(env: Mapping[str, str], names: list[str]) -> tuple[str, str]:
    """(name, value) of the first variable that is set and not blank; the last name and "" where none is."""
    for name in names:
        if env.get(name, "").strip() != "":
            return name, env[name].strip()
    return names[-1] if names else "", ""
