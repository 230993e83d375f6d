"""``broker cut …``: ends at once what an incident touches, and proves it."""

import click

from broker.base.context import CURRENT, RequestContext
from broker.base.crypto import new_reference
from broker.cli.operation import Naming, operator, refusing, service, show
from broker.cuts.cuts import Cuts
from broker.cuts.model import Counts, Cut, Kind, Telling

_kind = click.argument("kind", type=click.Choice([str(kind) for kind in Kind]))
_name = click.argument("name", default="")
_reference = click.argument("reference")
_NOT_OF_KEY = (
    "not counted: logout tokens, security event tokens and signed userinfo, which nothing keeps;"
    " those that wait are signed by another key"
)
_BY_NAME = (
    "names alone tell the two people of a wide cut apart, and a command takes its own from the"
    " environment (LOGNAME): nothing proves that they are two"
)


@click.group("cut")
def cut_group() -> None:
    """Cut a login, a family of tokens, a person, a partner, a key, FranceConnect or everybody.

    NAME is what the trail calls the target: an auth_event_id, a family_id, a subject_ref (or the
    account's id or reference), a client_id, a kid; none for upstream and everybody. The first
    three are done at once; the others wait an hour for the approval of somebody else.
    """
    # What a command does belongs together in the trail, as what a request does.
    CURRENT.set(RequestContext(request_id=new_reference()))


@cut_group.command("preview", cls=Naming)
@_kind
@_name
@refusing(exit_code=1)
def preview_cut(kind: str, name: str) -> None:
    """Count what would fall; change nothing."""
    _, counts = service(Cuts).preview(Kind(kind), name)
    _tell("would fall", counts)


@cut_group.command("plan", cls=Naming)
@_kind
@_name
@click.option("--reason", required=True, help="Why, for the trail; 200 characters at most.")
@click.option(
    "--tell/--silently",
    default=None,
    help="Whether a mail tells the holder; by default unless the address is a recent one.",
)
@refusing(exit_code=1)
def plan_cut(kind: str, name: str, reason: str, *, tell: bool | None) -> None:
    """Cut a login, a family or a person now; plan any other cut for somebody else to approve."""
    if tell and Kind(kind).is_wide:
        raise click.BadParameter("a wide cut tells nobody", param_hint="--tell")
    if len(reason) > 200:  # noqa: PLR2004 - the column's width
        raise click.BadParameter("200 characters at most", param_hint="--reason")
    cuts = service(Cuts)
    if tell is None:
        target, _ = cuts.preview(Kind(kind), name)
        tell = cuts.holders.telling(target) is Telling.ADVISED
    _show(cuts, cuts.plan(Kind(kind), name, reason, operator(), tell=tell))


@cut_group.command("approve")
@_reference
@refusing(exit_code=1)
def approve_cut(reference: str) -> None:
    """Do the cut REFERENCE that somebody else planned.

    Operators are told apart by names alone, which a command takes from the environment (LOGNAME):
    where two people must be certain, both act in the console.
    """
    cuts = service(Cuts)
    _show(cuts, cuts.approve(reference, operator()))


@cut_group.command("refuse")
@_reference
@refusing(exit_code=1)
def refuse_cut(reference: str) -> None:
    """End the plan REFERENCE: nothing is cut."""
    service(Cuts).refuse(reference, operator())
    click.echo(f"{reference}: refused")


@cut_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def list_cuts(*, as_json: bool) -> None:
    """List the newest cuts: those that wait for approval, are done, or came to nothing."""
    cuts = service(Cuts)
    now = cuts.clock()
    rows = [
        {
            "reference": cut.reference,
            "kind": str(cut.kind),
            "name": cut.name,
            "state": str(cut.state_at(now)),
            "planned_at": cut.planned_at,
            "planned_by": cut.planned_by,
            "decided_at": cut.decided_at,
            "decided_by": cut.decided_by,
        }
        for cut in cuts.part().items
    ]
    show(rows, as_json=as_json)


def _show(cuts: Cuts, cut: Cut) -> None:
    if cut.kind.is_wide:
        click.echo(f"broker: {_BY_NAME}", err=True)
    click.echo(f"{cut.reference}: {cut.state}")
    _tell("before", cut.before)
    if cut.after is not None:
        _tell("after", cut.after)
        for event, _proof in cuts.proof(cut):
            click.echo(f"{event.type}: {event.event_id}")


def _tell(moment: str, counts: Counts) -> None:
    told = ", ".join(f"{number} {name}" for name, number in counts.present().items())
    click.echo(f"{moment}: {told}")
    if counts.of_signing_key:
        click.echo(_NOT_OF_KEY)
