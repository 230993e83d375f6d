"""What an event is in the two vocabularies that security tools share: OCSF and ECS."""

from dataclasses import dataclass
from enum import Enum, IntEnum

OCSF_VERSION = "1.5.0"
ECS_VERSION = "8.17.0"


class Severity(IntEnum):
    """How much an event asks for attention; the numbers are OCSF's ``severity_id``."""

    INFORMATIONAL = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5


class OcsfClass(IntEnum):
    """Classes of OCSF; the first digit is the category."""

    BASE_EVENT = 0
    DETECTION_FINDING = 2004
    ACCOUNT_CHANGE = 3001
    AUTHENTICATION = 3002
    AUTHORIZE_SESSION = 3003
    ENTITY_MANAGEMENT = 3004
    USER_ACCESS_MANAGEMENT = 3005
    API_ACTIVITY = 6003

    @property
    def category(self) -> int:
        """OCSF's ``category_uid``."""
        return self.value // 1_000


@dataclass(frozen=True)
class Mapped:
    """A class of OCSF and an activity of it; for ECS, ``event.category`` and ``event.type``."""

    ocsf: OcsfClass
    activity_id: int
    name: str
    category: tuple[str, ...] = ()
    type: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """ECS's ``event.kind``: what somebody must look at is an alert."""
        return "alert" if self.ocsf is OcsfClass.DETECTION_FINDING else "event"


class Activity(Enum):
    """What an act is, whatever its outcome; each event names one."""

    LOGON = Mapped(OcsfClass.AUTHENTICATION, 1, "Logon",
                   ("authentication", "session"), ("start",))  # fmt: skip
    LOGOFF = Mapped(OcsfClass.AUTHENTICATION, 2, "Logoff", ("session",), ("end",))
    TICKET = Mapped(OcsfClass.AUTHENTICATION, 4, "Service Ticket Request",
                    ("authentication",), ("info",))  # fmt: skip
    RENEWAL = Mapped(OcsfClass.AUTHENTICATION, 5, "Service Ticket Renew",
                     ("authentication",), ("info",))  # fmt: skip
    STEP = Mapped(OcsfClass.AUTHENTICATION, 6, "Preauth", ("authentication",), ("info",))
    ACCOUNT_CREATED = Mapped(OcsfClass.ACCOUNT_CHANGE, 1, "Create",
                             ("iam",), ("user", "creation"))  # fmt: skip
    ACCOUNT_ENABLED = Mapped(OcsfClass.ACCOUNT_CHANGE, 2, "Enable", ("iam",), ("user", "change"))
    PASSWORD_CHANGED = Mapped(OcsfClass.ACCOUNT_CHANGE, 3, "Password Change",
                              ("iam",), ("user", "change"))  # fmt: skip
    PASSWORD_RESET = Mapped(OcsfClass.ACCOUNT_CHANGE, 4, "Password Reset",
                            ("iam",), ("user", "change"))  # fmt: skip
    ACCOUNT_DISABLED = Mapped(OcsfClass.ACCOUNT_CHANGE, 5, "Disable", ("iam",), ("user", "change"))
    ACCOUNT_DELETED = Mapped(OcsfClass.ACCOUNT_CHANGE, 6, "Delete", ("iam",), ("user", "deletion"))
    ACCOUNT_CHANGED = Mapped(OcsfClass.ACCOUNT_CHANGE, 99, "Other", ("iam",), ("user", "change"))
    RIGHTS_GIVEN = Mapped(OcsfClass.AUTHORIZE_SESSION, 1, "Assign Privileges",
                          ("iam",), ("user", "change"))  # fmt: skip
    RIGHTS_TAKEN = Mapped(OcsfClass.USER_ACCESS_MANAGEMENT, 2, "Revoke Privileges",
                          ("iam",), ("user", "change"))  # fmt: skip
    CREATED = Mapped(OcsfClass.ENTITY_MANAGEMENT, 1, "Create", ("configuration",), ("creation",))
    READ = Mapped(OcsfClass.ENTITY_MANAGEMENT, 2, "Read", ("configuration",), ("access",))
    UPDATED = Mapped(OcsfClass.ENTITY_MANAGEMENT, 3, "Update", ("configuration",), ("change",))
    DELETED = Mapped(OcsfClass.ENTITY_MANAGEMENT, 4, "Delete", ("configuration",), ("deletion",))
    ENABLED = Mapped(OcsfClass.ENTITY_MANAGEMENT, 8, "Enable", ("configuration",), ("change",))
    DISABLED = Mapped(OcsfClass.ENTITY_MANAGEMENT, 9, "Disable", ("configuration",), ("change",))
    DATA_READ = Mapped(OcsfClass.API_ACTIVITY, 2, "Read", ("api",), ("access",))
    MAILED = Mapped(OcsfClass.BASE_EVENT, 99, "Other", ("email",), ("info",))
    """OCSF's Email Activity requires an address, which the trail never holds."""
    DETECTED = Mapped(OcsfClass.DETECTION_FINDING, 1, "Create",
                      ("intrusion_detection",), ("info",))  # fmt: skip
    UNKNOWN = Mapped(OcsfClass.BASE_EVENT, 0, "Unknown")
    """Of a type that this version of the service no longer records."""
