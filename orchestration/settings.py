"""Every setting of Wardline, typed, read once from WARDLINE_* or the file .env.

Nothing is decided here and nothing is opened: other modules take a Settings.
"""

import platform
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from orchestration.errors import UsageError
from orchestration.inbox import address

REPOSITORY = Path(__file__).resolve().parents[1]
_CRON_FIELDS = 5
_CRON_FIELD = re.compile(r"[0-9A-Za-z*/,-]+")


def _absolute(path: Path) -> Path:
    try:
        return (REPOSITORY / path.expanduser()).resolve()
    except RuntimeError as unknown:  # a circle of links, or ~ of nobody
        raise ValueError("must be a path that leads somewhere") from unknown


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception as unknown:
        raise ValueError("must be a time zone, as Europe/Berlin") from unknown
    return name


def _cron(text: str) -> str:
    fields = text.split()
    if len(fields) != _CRON_FIELDS or not all(map(_CRON_FIELD.fullmatch, fields)):
        raise ValueError("must be the five fields of cron, as 0 2 * * *")
    return " ".join(fields)


def _currency_code(name: str) -> str:
    if not re.fullmatch("[A-Z]{3}", name):
        raise ValueError("must be three capital letters, as EUR")
    return name


def _one_line(text: str) -> str:
    # It stands in the header of a mail, where a line break would begin another header.
    if not text.isprintable():
        raise ValueError("must be one line of printable text")
    return text


def _rate(text: str) -> str:
    if not re.fullmatch("[1-9][0-9]*/(second|minute|hour|day)", text):
        raise ValueError("must be so many requests in a time, as 600/minute")
    return text


def _without_empty(them: dict[str, Any]) -> dict[str, Any]:
    # An empty variable sets nothing, as elsewhere.
    return {name: value for name, value in them.items() if value not in ("", None)}


T = TypeVar("T")
BySystem = Annotated[dict[str, T], BeforeValidator(_without_empty)]
"""One value per source system, each in a variable WARDLINE_<NAME>__<SYSTEM>."""


def _path_or_url(place: object) -> object:
    if isinstance(place, str) and address.is_url(place):
        return address.parse(place).url
    return _absolute(Path(place)) if isinstance(place, str | Path) else place


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
        raise ValueError("must look like https://host:port, without a login in it")
    return url


AbsolutePath = Annotated[Path, AfterValidator(_absolute)]
Line = Annotated[str, AfterValidator(_one_line)]


class Settings(BaseSettings):
    """What a hospital may set; see .env.example for the meaning of each."""

    model_config = SettingsConfigDict(
        env_prefix="WARDLINE_",
        env_file=REPOSITORY / ".env",
        env_ignore_empty=True,
        # WARDLINE_SOURCE_URL__<SYSTEM>; a system's name may have the sign as well.
        env_nested_delimiter="__",
        env_nested_max_split=1,
        extra="ignore",
    )

    home: AbsolutePath = REPOSITORY / "var"
    extracts: Annotated[Path | str | None, BeforeValidator(_path_or_url)] = None
    extracts_quiet_seconds: Annotated[int | None, Field(ge=0, le=3600)] = None
    extracts_key: SecretStr | None = None
    extracts_secret: SecretStr | None = None
    extracts_secret_file: AbsolutePath | None = None
    extracts_endpoint: Annotated[str, AfterValidator(_web_address)] | None = None
    extracts_region: Line | None = None
    extracts_ca_file: AbsolutePath | None = None
    extracts_password: SecretStr | None = None
    extracts_password_file: AbsolutePath | None = None
    extracts_private_key: AbsolutePath | None = None
    extracts_known_hosts: AbsolutePath | None = None
    source_url: BySystem[SecretStr] = Field(default_factory=dict)
    source_password: BySystem[SecretStr] = Field(default_factory=dict)
    source_password_file: BySystem[AbsolutePath] = Field(default_factory=dict)
    source_timeout: Annotated[int, Field(ge=1, le=86_400)] = 3_600
    dbt_project: AbsolutePath = REPOSITORY / "dbt_project"
    database_url: SecretStr | None = None
    database_password: SecretStr | None = None
    database_password_file: AbsolutePath | None = None
    reader_url: SecretStr | None = None
    reader_password: SecretStr | None = None
    reader_password_file: AbsolutePath | None = None
    server_password: SecretStr | None = None
    server_password_file: AbsolutePath | None = None
    login_password: SecretStr | None = None
    login_password_file: AbsolutePath | None = None
    pseudonym_key: SecretStr | None = None
    pseudonym_key_file: AbsolutePath | None = None
    time_zone: Annotated[str, AfterValidator(_known_time_zone)] = "UTC"
    engine: Literal["postgres", "spark"] = "postgres"
    spark_master: Line = "local[*]"
    spark_conf: dict[str, str] = Field(default_factory=dict)
    spark_connections: Annotated[int, Field(ge=1)] = 16
    schedule: Annotated[str, AfterValidator(_cron)] = "0 2 * * *"
    first_night: date = date(2015, 1, 1)
    currency: Annotated[str, AfterValidator(_currency_code)] = "EUR"
    on_reject: Literal["stop", "publish"] = "stop"
    gates: AbsolutePath | None = None
    keep_publications: Annotated[int, Field(ge=1)] = 14
    dagster_database_url: SecretStr | None = None
    dagster_database_password: SecretStr | None = None
    dagster_database_password_file: AbsolutePath | None = None
    dagster_host: Line = "127.0.0.1"
    dagster_port: Annotated[int, Field(ge=1, le=65535)] = 3000
    dagster_code_host: Line = "127.0.0.1"
    dagster_code_port: Annotated[int, Field(ge=1, le=65535)] = 4000
    serve_host: Line = "127.0.0.1"
    serve_port: Annotated[int, Field(ge=1, le=65535)] = 8000
    serve_names: Line | None = None
    serve_certificate: AbsolutePath | None = None
    serve_certificate_key: AbsolutePath | None = None
    serve_proxies: Line | None = None
    serve_user_header: Line | None = None
    serve_rate: Annotated[str, AfterValidator(_rate)] = "600/minute"
    serve_session_key: SecretStr | None = None
    serve_session_key_file: AbsolutePath | None = None
    alert_label: Line = platform.node()
    alert_email_to: Line | None = None
    alert_email_from: Line | None = None
    alert_smtp_url: str | None = None
    alert_smtp_password: SecretStr | None = None
    alert_smtp_password_file: AbsolutePath | None = None
    alert_webhook_url: SecretStr | None = None
    alert_webhook_url_file: AbsolutePath | None = None
    alert_webhook_key: SecretStr | None = None
    alert_webhook_key_file: AbsolutePath | None = None
    alert_ca_file: AbsolutePath | None = None

    @property
    def drop_folder(self) -> Path:
        """Where extracts are read: the HIS's folder, or the copy of one elsewhere."""
        if isinstance(self.extracts, Path):
            return self.extracts
        return self.home / ("inbox" if self.extracts else "extracts")

    @property
    def remote_extracts(self) -> str | None:
        """The URL of the drop folder, if it is elsewhere."""
        return self.extracts if isinstance(self.extracts, str) else None

    @property
    def quiet_seconds(self) -> int:
        """How long nothing of a night may have changed before it is taken in."""
        if self.extracts_quiet_seconds is not None:
            return self.extracts_quiet_seconds
        return 30 if self.remote_extracts else 10

    @property
    def pseudonym_key_path(self) -> Path:
        """The file that holds the key of the patients' pseudonyms."""
        return self.pseudonym_key_file or self.home / "pseudonym.key"

    @property
    def session_key_path(self) -> Path:
        """The file that holds the key of the dashboard's session cookies."""
        return self.serve_session_key_file or self.home / "session.key"

    @property
    def gates_path(self) -> Path:
        """The hospital's own thresholds of the gates; it need not be there."""
        return self.gates or self.home / "gates.yml"

    @property
    def dagster_home(self) -> Path:
        """Dagster's runs, events and schedules."""
        return self.home / "dagster"

    @property
    def dbt_home(self) -> Path:
        """dbt's profile, compiled SQL, manifest and logs."""
        return self.home / "dbt"

    @property
    def data_docs(self) -> Path:
        """The static site of the gates' results."""
        return self.home / "data_docs"


@lru_cache
def get_settings() -> Settings:
    """Read the settings of this process.

    Raises:
        UsageError: a setting has a value that it cannot have.
    """
    try:
        return Settings()
    except ValidationError as wrong:
        faults = [
            f"WARDLINE_{'__'.join(map(str, it['loc'])).upper()} {_in_words(it['msg'])}"
            for it in wrong.errors(include_input=False, include_url=False)
        ]
        raise UsageError(
            f"{'; '.join(faults)}. Set it in the environment or in .env, as "
            ".env.example shows."
        ) from None


def _in_words(message: str) -> str:
    """What the library says of a value, as the end of a sentence for a person."""
    begin = "^(Value error, )?(must |(Input|String|URL) should )?"
    return re.sub(begin, "must ", message).partition(", unable to")[0]
