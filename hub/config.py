"""Reads what the person configured: `config.toml`, the environment and the folder's `.env`.

The only reader of the environment. Order: command line, environment, `config.toml`, `.env` (keys and
models of ours only, never copied into the environment), defaults. A wrong value is refused with
file, line and reason; no message ever holds a value, which may be a key.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import SecretStr

from hub.config_file import ConfigText, check_key, default_config_text, write_key, write_values
from hub.errors import ConfigError
from hub.settings import (
    PERSONAS,
    AgentSettings,
    BudgetSettings,
    ConsensusSettings,
    Credential,
    NetworkSettings,
    PriceSettings,
    ProviderSettings,
    ProviderTable,
    RouterSettings,
    Settings,
    Weights,
)

__all__ = [
    "AgentSettings",
    "BudgetSettings",
    "ConsensusSettings",
    "Credential",
    "NetworkSettings",
    "PriceSettings",
    "ProviderSettings",
    "RouterSettings",
    "Settings",
    "Weights",
    "armed_failpoint",
    "colour_allowed",
    "config_path",
    "default_config_text",
    "editor",
    "environment_names",
    "environment_strategy",
    "environment_without_keys",
    "failpoint",
    "load",
    "machine_zone",
    "state_home",
    "store_key",
    "store_price",
    "store_strategy",
]

_MOST_DOTENV = 100_000
"""Characters of a `.env`: a folder of strangers may hold one of any size."""
_FAIL_AT = os.environ.get("GITBRIDGE_FAIL_AT")


class _Known(NamedTuple):
    """A provider that is there without configuration, and its variables."""

    kind: Literal["openai", "grok", "local"]
    base_url: str = ""
    model_variable: str = ""
    key_variables: tuple[str, ...] = ()
    github_variable: str = ""
    """GitHub forbids secrets of that name: the workflow maps one to it (ARCHITECTURE)."""


_KNOWN = {
    "openai": _Known(
        "openai",
        "https://api.openai.com/v1",
        "OPENAI_MODEL",
        ("OPENAI_API_KEY",),
        "GITHUB_OPENAI_API_KEY",
    ),
    "grok": _Known(
        "grok",
        "https://api.x.ai/v1",
        "GROK_MODEL",
        ("GROK_API_KEY", "XAI_API_KEY"),
        "GITHUB_GROK_API_KEY",
    ),
    "local": _Known("local"),
}
_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "SMARTROUTER_STRATEGY": ("router", "strategy"),
    "SMARTROUTER_COST_WEIGHT": ("router", "weights", "cost"),
    "SMARTROUTER_PERFORMANCE_WEIGHT": ("router", "weights", "performance"),
    "SMARTROUTER_AVAILABILITY_WEIGHT": ("router", "weights", "availability"),
    "SMARTROUTER_HEALTH_CHECK_INTERVAL": ("router", "health_interval_s"),
    "SMARTROUTER_METRICS_WINDOW": ("router", "metrics_window"),
    "OPENAI_BASE_URL": ("providers", "openai", "base_url"),
    "XAI_BASE_URL": ("providers", "grok", "base_url"),
}


def failpoint(name: str) -> None:
    """Die here at once if `GITBRIDGE_FAIL_AT` says so (FAULTS: failpoints)."""
    if name == _FAIL_AT:
        os.kill(os.getpid(), 9)


def armed_failpoint() -> str | None:
    """Return the failpoint this program would die at, for `doctor` to report."""
    return _FAIL_AT or None


def editor() -> str:
    """Return the command of the person's editor, options included."""
    found = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    return found or ("notepad" if os.name == "nt" else "vi")


def colour_allowed() -> bool:
    """Return whether the person's terminal may be sent colours (no-color.org)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def environment_without_keys() -> dict[str, str]:
    """Return the environment for a program of the person's that we start: no key goes along."""
    names = {name for known in environment_names().values() for name in known}
    with suppress(ConfigError):
        tables = ConfigText.read(config_path()).validated().providers.values()
        names |= {table.key_env for table in tables}
    return {name: value for name, value in os.environ.items() if name not in names}


def environment_names() -> Mapping[str, tuple[str, ...]]:
    """Return, for each provider known without configuration, the variables its key may be in."""
    return {
        name: (*known.key_variables, known.github_variable)
        for name, known in _KNOWN.items()
        if known.key_variables
    }


def machine_zone() -> str | None:
    """Return the IANA name of the machine's time zone; None where it does not say."""
    from zoneinfo import ZoneInfo

    found = os.environ.get("TZ", "").removeprefix(":")
    try:
        link = found or str(Path("/etc/localtime").readlink())
        return str(ZoneInfo(link.rpartition("zoneinfo/")[2]))
    except (OSError, ValueError, LookupError):
        return None


def config_path() -> Path:
    """Return where `config.toml` is or would be."""
    if home := _named_home():
        return home / "config.toml"
    from platformdirs import user_config_path

    return user_config_path("gitbridge", appauthor=False) / "config.toml"


def _named_home() -> Path | None:
    if not (home := os.environ.get("GITBRIDGE_HOME")):
        return None
    try:
        return Path(home).expanduser().absolute()
    except RuntimeError:
        raise ConfigError(
            "GITBRIDGE_HOME begins with the home of a user who has none here; set it again."
        ) from None


def load(*, overrides: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Read all settings; nothing is written, no folder is made.

    Args:
        overrides: What the command line said, by dotted name: `{"router.strategy": "hybrid"}`.
        folder: Where `.env` is looked for; None: the working folder.

    Raises:
        ConfigError: With file, line and reason.
    """
    source = ConfigText.read(config_path())
    for name, where in _VARIABLES.items():
        if value := os.environ.get(name, "").strip():
            source.put(where, value, f"environment variable {name}")
    for name, value in (overrides or {}).items():
        source.put(tuple(name.split(".")), value, f"command line, {name}")
    file = source.validated()
    warnings: list[str] = []
    dotenv = dict(_dotenv(folder, warnings))
    home = state_home()
    providers = {
        name: _provider(name, file.providers.get(name, ProviderTable()), source, dotenv)
        for name in (*_KNOWN, *(n for n in file.providers if n not in _KNOWN))
    }
    agents = tuple(AgentSettings(name=n, **dict(t)) for n, t in file.agents.items()) or PERSONAS
    _check_agents(source, agents, providers)
    return Settings(
        home=home,
        config_file=source.path,
        database=home / "gitbridge.db",
        database_url=os.environ.get("GITBRIDGE_DATABASE_URL") or None,
        exports=home / "exports",
        logs=home / "logs",
        router=file.router,
        budget=file.budget,
        consensus=file.consensus,
        providers=providers,
        agents=agents,
        prices=file.prices,
        network=file.network,
        retention=file.retention,
        ui=file.ui,
        warnings=tuple(warnings),
    )


def state_home() -> Path:
    """Return the folder of all state."""
    if home := _named_home():
        return home
    from platformdirs import user_data_path

    return user_data_path("gitbridge", appauthor=False)


def _dotenv(folder: Path | None, warnings: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the keys and models of ours in `.env`; warn of an address or proxy found there."""
    path = (folder or Path()) / ".env"
    if not path.is_file():
        return
    from dotenv.parser import parse_stream

    ours = {k for known in _KNOWN.values() for k in (*known.key_variables, known.github_variable, known.model_variable)}  # fmt: skip
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            text = stream.read(_MOST_DOTENV + 1)
            shared = os.name == "posix" and bool(os.fstat(stream.fileno()).st_mode & 0o077)
    except OSError as error:
        warnings.append(f".env cannot be read: {error.strerror}.")
        return
    if len(text) > _MOST_DOTENV:
        warnings.append(".env is ignored: it is too large for a file of keys and models.")
        return
    found = {b.key: b.value for b in parse_stream(StringIO(text)) if b.key and b.value}
    for name, value in found.items():
        if name in ours:
            yield name, value.strip()
        elif re.fullmatch(
            r"\w{0,40}(BASE_URL|API_BASE|PROXY)|(GITBRIDGE|SMARTROUTER)_\w{1,60}",
            name,
            re.IGNORECASE,
        ):
            warnings.append(
                f"{name} in .env is ignored: a folder may set keys and models, nothing else. "
                "Set it in the environment or in config.toml."
            )
    if shared and any(name.endswith("_API_KEY") for name in found):
        warnings.append("Others can read .env, which holds a key; run: chmod 600 .env")


def _provider(
    name: str, table: ProviderTable, source: ConfigText, dotenv: Mapping[str, str]
) -> ProviderSettings:
    known = _KNOWN.get(name)
    kind = table.kind or (known.kind if known else "compatible")
    where = ("providers", name)
    if (known and kind != known.kind) or (kind == "local" and name != "local"):
        source.fail((*where, "kind"), f"{name} cannot be of this kind; leave it out")
    base_url = table.base_url or (known.base_url if known else "")
    if kind != "local" and not base_url:
        source.fail(where, "base_url is missing, such as https://host/v1")
    if not known and not table.models:
        source.fail(where, 'models is missing, such as ["qwen3:8b"]')
    variable = known.model_variable if known else ""
    model = os.environ.get(variable) or ("" if table.models else dotenv.get(variable, ""))
    if not re.fullmatch(r"[!-~]{0,200}", model := model.strip()):
        raise ConfigError(f"{variable} holds characters that no model name has; set it again.")
    return ProviderSettings(
        name=name,
        kind=kind,
        base_url=base_url,
        key=_credential(name, table, source, dotenv),
        models=table.models,
        model_from_environment=model or None,
        allow_http=table.allow_http,
        window=table.window,
        api=table.api,
        stream=table.stream,
        effort=table.effort,
        slots=table.slots,
    )


def _credential(
    name: str, table: ProviderTable, source: ConfigText, dotenv: Mapping[str, str]
) -> Credential | None:
    """Return the first key found, in the order of ARCHITECTURE.md (credentials)."""
    known = _KNOWN.get(name, _Known("local"))
    variables = (table.key_env, *known.key_variables) if table.key_env else known.key_variables
    origin = source.origins.get(("providers", name, "key"))
    written = (table.key.get_secret_value(), origin or source.path.name)
    found = [(os.environ.get(variable, ""), f"environment {variable}") for variable in variables]
    found.insert(0 if origin else len(found), written)
    if table.key_store:
        found.append((_from_keyring(name), "keyring"))
    found += [(dotenv.get(variable, ""), f".env {variable}") for variable in known.key_variables]
    github = known.github_variable
    found += [
        (os.environ.get(github, ""), f"GitHub Actions {github}"),
        (dotenv.get(github, ""), f".env {github}"),
    ]
    key, where = next(((k.strip(), where) for k, where in found if k.strip()), ("", ""))
    if not key:
        return None
    check_key(key, where)
    return Credential(value=SecretStr(key), source=where)


def _from_keyring(provider: str) -> str:
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise ConfigError(
            f'providers.{provider}.key_store = "keyring" needs a package that is not installed; '
            "run: pip install keyring"
        ) from None
    try:
        return keyring.get_password("gitbridge", provider) or ""
    except keyring.errors.KeyringError as error:
        raise ConfigError(f"The keyring did not answer: {type(error).__name__}.") from error


def _check_agents(
    source: ConfigText, agents: Iterable[AgentSettings], providers: Mapping[str, ProviderSettings]
) -> None:
    """Refuse agents whose names differ in case alone, and deployments of unknown providers."""
    seen: set[str] = set()
    for agent in agents:
        where = ("agents", agent.name)
        if agent.name.casefold() in seen:
            source.fail(where, "another agent has this name")
        seen.add(agent.name.casefold())
        for deployment in agent.deployments:
            if deployment.partition("/")[0] not in providers:
                known = ", ".join(providers)
                source.fail((*where, "deployments"), f"an unknown provider; there are {known}")


def store_strategy(name: str) -> Path:
    """Write the router's strategy into `config.toml`, keeping the rest; return its path.

    Raises:
        ConfigError: There is no such strategy, or the file cannot be changed safely.
    """
    return write_values(config_path(), ("router",), {"strategy": name})


def store_price(model: str, price: Mapping[str, float | bool]) -> Path:
    """Write a model's price into `config.toml`, keeping the rest; return its path.

    Args:
        model: `model`, or `provider/model`.
        price: `input`, `output` and `cached` in US dollars per million tokens, and `ceiling`.

    Raises:
        ConfigError: A value cannot be one, or the file cannot be changed safely.
    """
    return write_values(config_path(), ("prices", model), price)


def environment_strategy() -> str | None:
    """Return the strategy that the environment sets over `config.toml`, or None."""
    return os.environ.get("SMARTROUTER_STRATEGY", "").strip() or None


def store_key(provider: str, value: SecretStr) -> Path:
    """Write a provider's key into `config.toml` (mode 0600), keeping the rest; return its path.

    Raises:
        ConfigError: The key cannot be one, or the file cannot be changed safely.
    """
    name = "grok" if provider == "xai" else provider
    if name not in environment_names():
        raise ConfigError(f"{provider} takes no key here; choose one of openai, grok.")
    return write_key(config_path(), name, value)
