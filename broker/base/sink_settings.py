"""Where the trail is exported to: one entry of ``exports`` in the settings."""

from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

_DOCUMENTATION = 32_473  # RFC 5612: the number for those who have none


class Form(StrEnum):
    """In whose words events are told."""

    EVIDENCE = "evidence"
    OCSF = "ocsf"
    ECS = "ecs"
    CEF = "cef"
    SYSLOG = "syslog"


_FORMS = {
    "file": {Form.EVIDENCE, Form.OCSF, Form.ECS},
    "https": {Form.OCSF, Form.ECS},
    "syslog+tls": {Form.SYSLOG, Form.CEF, Form.OCSF, Form.ECS},
}
_FORMS |= {"http": _FORMS["https"], "syslog+tcp": _FORMS["syslog+tls"]}  # in the clear
_ENCRYPTED = {"file", "https", "syslog+tls"}


class SinkSettings(BaseModel):
    """One receiver of the trail; docs/exports.md explains each member."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    form: Form
    to: str
    authority_file: Path | None = None
    certificate_file: Path | None = None
    authorization_file: Path | None = None
    enterprise_number: int = Field(default=_DOCUMENTATION, gt=0)
    timeout: float = Field(default=10.0, gt=0, le=30)

    @model_validator(mode="after")
    def _the_form_goes_there(self) -> Self:
        place = self.place
        if self.form not in _FORMS.get(place.scheme, set()):
            raise ValueError(f"{self.form} does not go to {place.scheme or 'no scheme'}:")
        if place.scheme == "file":
            if place.netloc or not Path(place.path).is_absolute():
                raise ValueError("a folder is file:///absolute/path")
        elif not place.hostname or place.username is not None:
            raise ValueError("to names a host, and no user: credentials stand in a file")
        return self

    @property
    def place(self) -> SplitResult:
        """The parts of the address."""
        return urlsplit(self.to)

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody on the way can read it."""
        return self.place.scheme in _ENCRYPTED
