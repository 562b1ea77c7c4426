"""What can be configured, checked: the values that `hub.config` reads.

A wrong value is refused with a reason that never repeats it: it may be a key. Money is in dollars
in the file and in integer micro-dollars from here on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from hub.addresses import check_base_url, host_is_loopback

UNSAFE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What no setting may hold, nor a message about one show."""
_NAME = re.compile(r"[\w-]{1,32}")


def _plain(text: str) -> str:
    if UNSAFE.search(text):
        raise ValueError("control characters are not allowed here")
    return text


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("a name is 1 to 32 letters, digits, - or _")
    return name


def _agent_name(name: str) -> str:
    if name.casefold() in ("you", "hub"):
        raise ValueError("`you` and `hub` are taken; give the agent another name")
    return _named(name)


def _micro(value: object, info: ValidationInfo) -> object:
    """Turn dollars, as the file has them, into micro-dollars."""
    if info.context is None or isinstance(value, bool):
        return value
    try:
        return round(float(str(value)) * 1_000_000)
    except (ValueError, OverflowError):
        raise ValueError("a number of US dollars is wanted, such as 0.50") from None


def _grok(name: str) -> str:
    """`xai` is another name of `grok`, alone or before a model."""
    head, slash, rest = name.partition("/")
    return ("grok" if head == "xai" else head) + slash + rest


Text = Annotated[str, AfterValidator(_plain)]
Model = Annotated[
    str, AfterValidator(_plain), Field(min_length=1, max_length=200, pattern=r"^\S+$")
]
Money = Annotated[int, BeforeValidator(_micro), Field(ge=0, le=10**15)]
Share = Annotated[float, Field(ge=0)]


class _Frozen(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False
    )


class Credential(_Frozen):
    """A key and where it was found; the source may be shown, the value never."""

    value: SecretStr
    source: str


class Weights(_Frozen):
    """What `hybrid` weighs; over their sum."""

    cost: Share = 0.4
    performance: Share = 0.3
    availability: Share = 0.3

    @model_validator(mode="after")
    def _not_all_zero(self) -> Weights:
        if not self.cost + self.performance + self.availability:
            raise ValueError("at least one weight must be above 0")
        return self


class RouterSettings(_Frozen):
    """How deployments are chosen (ROUTER)."""

    strategy: Literal[
        "cost_optimized", "performance_optimized", "availability_optimized",
        "hybrid", "round_robin", "adaptive",
    ] = "adaptive"  # fmt: skip
    weights: Weights = Weights()
    explore: bool = False
    health_interval_s: float = Field(default=60.0, ge=0)
    metrics_window: int = Field(default=100, ge=1, le=100_000)


class BudgetSettings(_Frozen):
    """Caps in micro-dollars (dollars in the file)."""

    question: Money | None = 500_000
    thread: Money | None = None
    day: Money | None = None
    month: Money | None = None
    time_zone: str | None = None
    """IANA name; None: the machine's."""
    agents: Mapping[str, Money] = {}
    providers: Mapping[Annotated[str, AfterValidator(_grok)], Money] = {}
    tags: Mapping[str, Money] = {}

    @property
    def question_is_default(self) -> bool:
        """True while nobody wrote the cap: then going over it warns, and does not refuse."""
        return "question" not in self.model_fields_set

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, name: str | None) -> str | None:
        from zoneinfo import ZoneInfo

        try:
            return name and str(ZoneInfo(name))
        except (KeyError, ValueError, OSError):
            raise ValueError("no such time zone; an example is Europe/Berlin") from None


RuleName = Literal[
    "auto", "plurality", "majority", "qualified", "unanimity", "consent", "approval", "borda", "runoff",
    "ranked_pairs", "schulze", "weighted", "stacked", "dawid_skene", "confidence", "cascade", "panel",
    "chair", "single",
]  # fmt: skip


class ConsensusSettings(_Frozen):
    """How ballots become an outcome, unless a question says otherwise."""

    rule: RuleName = "auto"
    quorum: int | None = Field(default=None, ge=1)
    threshold: float | None = Field(default=None, gt=0, le=1)
    chair: str | None = None
    sure: float = Field(default=0.95, gt=0.5, le=1)
    discount: bool = False
    ties: Literal["lot", "person"] = "lot"
    stop_early: bool = False
    """True: ballots that could change nothing are not asked for."""


class PriceSettings(_Frozen):
    """Micro-dollars per million tokens (dollars in the file)."""

    input: Money
    output: Money
    cached: Money | None = None
    ceiling: bool = False
    """True: the model costs no more than this; what it does cost is not known."""


class UiSettings(_Frozen):
    """What the terminal UI looks like, and which keys it listens to."""

    theme: str = Field(default="", pattern=r"^[a-z-]{0,20}$")
    notifications: bool = False
    keys: Mapping[Annotated[str, Field(pattern=r"^[\w.]{1,40}$")], Text] = {}


class RetentionSettings(_Frozen):
    """How long threads, and backups of the journal, are kept."""

    days: int | None = Field(default=None, ge=1, le=36_500)
    """Since the last message; None: for ever."""


class NetworkSettings(_Frozen):
    """The way out; the environment's proxy variables are ignored on purpose."""

    proxy: str = Field(default="", repr=False, pattern=r"^(https?://[^\s/]+/?)?$")
    ca_bundle: str = ""
    otlp: Annotated[str, AfterValidator(lambda url: url and check_base_url(url))] = ""
    """Address of an OpenTelemetry collector; empty: nobody is told of turns and calls."""

    @field_validator("ca_bundle")
    @classmethod
    def _is_file(cls, path: str) -> str:
        with suppress(OSError, RuntimeError):  # a name too long, a home of nobody
            full = Path(path).expanduser()
            if not path or full.is_file():
                return path and str(full)
        raise ValueError("there is no such file")


class AgentTable(_Frozen):
    """`[agents.NAME]` in the file."""

    role: Text = ""
    instructions: Text = Field(default="", max_length=20_000)
    deployments: tuple[Annotated[Model, AfterValidator(_grok)], ...] = ()
    temperature: float | None = Field(default=None, ge=0, le=2)
    hedge: bool = False
    """True: where its answer is late, another deployment is asked beside the first one."""


class AgentSettings(AgentTable):
    """One persona, as configured."""

    name: Annotated[str, AfterValidator(_agent_name)]


Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class ProviderTable(_Frozen):
    """`[providers.NAME]` in the file."""

    kind: Literal["openai", "grok", "compatible", "local"] | None = None
    allow_http: bool = False
    api: Literal["chat", "responses"] | None = None
    stream: bool = True
    effort: Effort | None = None
    base_url: str = ""
    models: tuple[Model, ...] = ()
    window: int | None = Field(default=None, ge=256)
    slots: int | None = Field(default=None, ge=1, le=1_000)
    key: SecretStr = SecretStr("")
    key_env: str = Field(default="", pattern=r"^\w*$")
    key_store: Literal["", "keyring"] = ""

    @field_validator("base_url")
    @classmethod
    def _address(cls, url: str, info: ValidationInfo) -> str:
        return url and check_base_url(url, allow_http=bool(info.data.get("allow_http")))

    @model_validator(mode="after")
    def _one_key(self) -> ProviderTable:
        if sum(map(bool, (self.key.get_secret_value(), self.key_env, self.key_store))) > 1:
            raise ValueError("give one of key, key_env and key_store")
        return self


class ProviderSettings(_Frozen):
    """One provider: how it is reached, with which key, for which models."""

    name: str
    kind: Literal["openai", "grok", "compatible", "local"]
    base_url: str
    """Without a slash at the end; empty for the embedded model."""
    key: Credential | None = None
    models: tuple[str, ...] = ()
    """As written in the file; empty: the defaults."""
    model_from_environment: str | None = None
    allow_http: bool = False
    window: int | None = None
    slots: int | None = None
    """Calls that it takes at once; None: found out as it goes."""
    api: Literal["chat", "responses"] | None = None
    """None: whichever the model is served by, Chat Completions where both are."""
    stream: bool = True
    """False: answers are asked for in one piece."""
    effort: Effort | None = None
    """How hard models think that take such a wish; None: each model's default."""

    @property
    def on_loopback(self) -> bool:
        """True when it runs on this machine: then it costs nothing unless priced."""
        return self.kind == "local" or host_is_loopback(urlsplit(self.base_url).hostname or "")


class Settings(_Frozen):
    """All of it."""

    home: Path
    """State folder."""
    config_file: Path
    database: Path
    database_url: str | None = Field(default=None, repr=False)
    exports: Path
    logs: Path
    router: RouterSettings = RouterSettings()
    budget: BudgetSettings = BudgetSettings()
    consensus: ConsensusSettings = ConsensusSettings()
    providers: Mapping[str, ProviderSettings]
    agents: tuple[AgentSettings, ...]
    prices: Mapping[str, PriceSettings] = {}
    network: NetworkSettings = NetworkSettings()
    retention: RetentionSettings = RetentionSettings()
    ui: UiSettings = UiSettings()
    warnings: tuple[str, ...] = ()
    """Sentences for the person: what was ignored, and why."""

    def written_price(self, provider: str, model: str) -> PriceSettings | None:
        """Return what the person wrote of a model's price, for this provider or for any."""
        return self.prices.get(f"{provider}/{model}") or self.prices.get(model)


class ConfigFile(_Frozen):
    """`config.toml` as a whole."""

    router: RouterSettings = RouterSettings()
    budget: BudgetSettings = BudgetSettings()
    consensus: ConsensusSettings = ConsensusSettings()
    network: NetworkSettings = NetworkSettings()
    retention: RetentionSettings = RetentionSettings()
    ui: UiSettings = UiSettings()
    providers: dict[Annotated[str, AfterValidator(_named)], ProviderTable] = {}
    agents: dict[Annotated[str, AfterValidator(_agent_name)], AgentTable] = {}
    prices: dict[Annotated[str, AfterValidator(_grok)], PriceSettings] = {}


PERSONAS = (
    AgentSettings(
        name="proposer",
        role="Proposes an answer",
        instructions="Give one concrete answer first, then the two strongest reasons for it. "
        "When others have answered, improve your answer or keep it, and say why. Be brief.",
        temperature=0.7,
    ),
    AgentSettings(
        name="critic",
        role="Finds what breaks",
        instructions="Name the weakest assumption or the likeliest failure in what was said, with "
        "an example, and what would repair it. Agree only where you can say why. Be brief.",
        temperature=0.4,
    ),
    AgentSettings(
        name="synthesist",
        role="Weighs and joins",
        instructions="Compare the answers point by point: where they agree, where they differ, "
        "and what decides it. End with one recommendation. Be brief.",
        temperature=0.3,
    ),
)
"""The agents of whoever configured none."""
