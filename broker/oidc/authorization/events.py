"""What the trail keeps of codes as they are issued."""

from dataclasses import dataclass

from broker.audit.taxonomy import Activity
from broker.oidc.events import OfClient


@dataclass(frozen=True, kw_only=True)
class CodeIssued(OfClient):
    """A request was answered with a code; `cnf`: the key that it is bound to."""

    type = "code.issued"
    activity = Activity.TICKET
    makes = "code_ref"
    code_ref: str
    cnf: str | None = None
    subject_pairwise: str
    acr: str
    amr: tuple[str, ...]
    auth_time: int
