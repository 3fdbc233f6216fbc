"""Settings: one TOML file, then the environment (`VEDETTE_…`, nested by `__`), which wins.

The file is `--config FILE`, else `$VEDETTE_CONFIG`, else `vedette.toml` here, else `/etc/vedette/vedette.toml`.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from foundation.errors import ConfigError, FileMissing

Level = Literal["station", "county", "city"]
RoleName = Literal["operator", "senior_operator", "analyst", "supervisor", "technician", "auditor", "administrator"]
AuditedRead = Literal["footage", "report", "export", "evidence", "look_up"]
DEFAULT_FILES = (Path("vedette.toml"), Path("/etc/vedette/vedette.toml"))


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CenterSettings(_Section):
    code: str = Field("110000000000", description="Administrative code of this center (GA 380).")
    name: str = Field("Monitoring center", description="Name shown in the console.")
    level: Level = Field("station", description="station, county or city.")
    node: str = Field("node-1", description="This machine's name within the center.", min_length=1, max_length=64)


class DatabaseSettings(_Section):
    url: str | None = Field(None, description="SQLAlchemy URL of PostgreSQL; empty: SQLite in the data folder.")


class RecorderSettings(_Section):
    processes: int = Field(1, ge=1, le=64, description="Recorder processes on this machine.")
    disks: list[Path] = Field(default_factory=list, description="Footage folders, one per disk; empty: DATA/disks/0.")
    segment_s: float = Field(60.0, ge=2, le=600, description="Length of a segment file in seconds.")
    fragment_s: float = Field(0.5, ge=0.1, le=5, description="Length of a fragment in seconds.")
    sync_s: float = Field(5.0, ge=0.5, le=60, description="Interval between file system syncs in seconds.")
    retention_days: float = Field(30.0, gt=0, description="Days after which footage is purged.")
    retention_min_days: float = Field(
        0.0, ge=0, description="Least days that a camera may ask for; younger footage goes only when the disk is full."
    )
    retention_max_days: float = Field(365.0, gt=0, description="Most days that a camera may ask for.")
    retention_bytes: int | None = Field(
        None, gt=0, description="Bytes of footage kept on each disk; empty: as many as fit."
    )
    min_free_bytes: int = Field(1 << 30, ge=0, description="Free bytes kept on each footage disk.")
    hold_quota: float = Field(
        0.5, gt=0, le=1, description="Share of each disk that held footage may take; from 80 % of it on it is an alarm."
    )

    @model_validator(mode="after")
    def _days_lie_within(self) -> Self:
        if not self.retention_min_days <= self.retention_days <= self.retention_max_days:
            limits = f"{self.retention_min_days:g} and {self.retention_max_days:g}"
            raise ValueError(f"retention_days must lie between retention_min_days and retention_max_days, {limits}")
        return self


class DeviceSettings(_Section):
    allow: list[str] = Field(
        default_factory=list,
        description="Networks of devices that may be asked although they are this machine's own or link-local.",
    )
    pin_at_first_use: bool = Field(
        True, description="Whether the first certificate that a camera shows over rtsps is pinned."
    )
    ptz_home_after_s: float = Field(
        300.0, ge=0, description="Seconds after which a camera that somebody steered returns home; 0: it stays."
    )

    @property
    def networks(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        return [ipaddress.ip_network(text) for text in self.allow]

    @field_validator("allow")
    @classmethod
    def _are_networks(cls, networks: list[str]) -> list[str]:
        for network in networks:
            ipaddress.ip_network(network)
        return networks


class HealthSettings(_Section):
    interval_s: float = Field(300.0, ge=1, le=86400, description="Interval between checks of a device in seconds.")
    worse_after_s: float = Field(20.0, ge=0, le=3600, description="Seconds that a worse state lasts before it is told.")
    better_after_s: float = Field(
        30.0, ge=0, le=3600, description="Seconds that a better state lasts before it is told."
    )
    network_rate: float = Field(
        10.0, gt=0, le=1000, description="Most checks a second within one network (IPv4 /24, IPv6 /64)."
    )
    history_days: float = Field(400.0, ge=31, le=3660, description="Days after which changes of health are dropped.")


class AnalysisSettings(_Section):
    processes: int = Field(1, ge=1, le=64, description="Analysis processes on this machine.")
    retention_days: float = Field(21.0, ge=1, le=90, description="Days after which observations that hit nothing go.")


class MatchingSettings(_Section):
    catalogue: Path | None = Field(None, description="TOML file of the 6 x 4 comparisons; empty: the built-in one.")


class ListenSettings(_Section):
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(ge=1, le=65535, description="TCP port to listen on.")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[A-Za-z0-9.:\[\]-]+$",
        description="Address that browsers use, where a web server with TLS stands before it.",
    )


class OidcSettings(_Section):
    """One OpenID provider (OpenID Connect Core 1.0), for people who have an account here under the same name."""

    issuer: str | None = Field(
        None, pattern=r"^https?://[^\s?#]+$", description="Address of the OpenID provider; empty: none is asked."
    )
    client_id: str = Field("vedette", description="Name of this application at the provider.")
    client_secret_file: Path | None = Field(None, description="File, mode 0600, with the client's secret.")
    title: str = Field("Single sign-on", description="What the button on the sign-in page says.")
    username_claim: str = Field("preferred_username", description="Claim that bears the user name of the account here.")
    scopes: list[str] = Field(
        default_factory=lambda: ["openid", "profile"], description="Scopes asked of the provider; openid is needed."
    )
    hosts: list[str] = Field(
        default_factory=list, description="Further hosts that the provider's own endpoints may lie on."
    )


class IdentitySettings(_Section):
    lock_after_min: float = Field(30.0, ge=1, le=240, description="Minutes without input after which a console locks.")
    second_factor_roles: list[RoleName] = Field(
        ["administrator", "auditor"],
        description="Roles whose people must have a second factor.",
    )
    oidc: OidcSettings = Field(default_factory=OidcSettings)


class AuditSettings(_Section):
    retention_days: float = Field(2190.0, ge=365, le=7305, description="Days after which audit entries go.")
    reason_for: list[AuditedRead] = Field(
        ["footage", "export", "look_up"],
        description="What needs a reason: footage beyond an alert's clip, report, export, look_up; evidence always.",
    )
    case_for: list[AuditedRead] = Field(
        default_factory=list, description="What needs a case number: footage, report, export, evidence, look_up."
    )
    case_pattern: str = Field(
        "[A-Z0-9][A-Z0-9-]{3,39}", description="Regular expression that a case number matches whole."
    )
    case_example: str = Field(
        "A1101010100002026110001", description="A case number as people write it, for the console."
    )

    @field_validator("case_pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return pattern


class LogSettings(_Section):
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level written.")
    format: Literal["json", "text"] = Field("json", description="json for machines, text for people.")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="VEDETTE_", env_nested_delimiter="__", extra="forbid")

    data_dir: Path = Field(Path("var"), description="Folder of databases, keys, sockets and, by default, footage.")
    database_url: str | None = Field(None, description="Short for database.url.", exclude=True)
    center: CenterSettings = Field(default_factory=CenterSettings)
    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    recorder: RecorderSettings = Field(default_factory=RecorderSettings)
    devices: DeviceSettings = Field(default_factory=DeviceSettings)
    health: HealthSettings = Field(default_factory=HealthSettings)
    analysis: AnalysisSettings = Field(default_factory=AnalysisSettings)
    matching: MatchingSettings = Field(default_factory=MatchingSettings)
    api: ListenSettings = Field(default_factory=lambda: ListenSettings(port=8760))
    live: ListenSettings = Field(default_factory=lambda: ListenSettings(port=8761))
    identity: IdentitySettings = Field(default_factory=IdentitySettings)
    audit: AuditSettings = Field(default_factory=AuditSettings)
    log: LogSettings = Field(default_factory=LogSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def core_url(self) -> str:
        return self._url("core.sqlite3")

    @property
    def observations_url(self) -> str:
        return self._url("observations.sqlite3")

    @property
    def footage_disks(self) -> list[Path]:
        return self.recorder.disks or [self.data_dir / "disks" / "0"]

    def disks_of(self, recorder: int) -> list[Path]:
        """A disk has one owner, which alone writes its index: they are dealt out in turn."""
        return [disk.absolute() for disk in self.footage_disks[recorder :: self.recorder.processes]]

    @property
    def run_dir(self) -> Path:
        """Sockets, locks, assignments and metrics of the running processes."""
        return self.data_dir / "run"

    @property
    def index_dir(self) -> Path:
        """Indexes of the records, which are made of the store and can be made anew."""
        return self.data_dir / "indexes"

    @property
    def key_dir(self) -> Path:
        return self.data_dir / "keys"

    @property
    def backup_dir(self) -> Path:
        """Where backups go unless another place is named."""
        return self.data_dir / "backups"

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "logs"

    def _url(self, file_name: str) -> str:
        url = self.database_url or self.database.url
        if url:
            return url.replace("postgresql://", "postgresql+psycopg://", 1)
        return f"sqlite:///{(self.data_dir / file_name).absolute()}"


def load_settings(file: Path | None = None) -> Settings:
    """Read the settings, or raise `ConfigError` naming the file, the key and the mend."""
    chosen = _chosen_file(file)

    class FileSettings(Settings):
        model_config = SettingsConfigDict(toml_file=chosen)

    try:
        return FileSettings()
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not valid TOML: {error}.", where=str(chosen), mend="Mend the line named.") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "settings"
        raise ConfigError(
            f"setting {key}: {first['msg'][:1].lower()}{first['msg'][1:]}.",
            where=str(chosen) if chosen else "environment",
            mend="`vedette config show` lists every setting with its meaning.",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}.", where=str(chosen), mend="Check its permissions."
        ) from error


def _chosen_file(file: Path | None) -> Path | None:
    named = file or (Path(os.environ["VEDETTE_CONFIG"]) if os.environ.get("VEDETTE_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise FileMissing("no such settings file.", where=str(named), mend="Name an existing file with --config.")
        return named
    return next((path for path in DEFAULT_FILES if path.is_file()), None)
