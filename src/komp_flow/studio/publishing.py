"""From a drawing to a published version: what would change, the reason, and a second pair of eyes."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from komp_flow.auth.guards import actor, requires
from komp_flow.errors import Conflict, Invalid, Stale
from komp_flow.i18n import _
from komp_flow.requests import db
from komp_flow.revising import bundle, confirming, publication
from komp_flow.revising.lines import Checked
from komp_flow.studio.answers import looking, refused, told, typed, wrong
from komp_flow.studio.blueprint import bp
from komp_flow.work.policy import Permission


@bp.get("/drawings/<uuid:drawing_id>/publish")
@requires(Permission.PUBLISH)
def proposal(drawing_id: UUID) -> ResponseReturnValue:
    """What would change, what is wrong, what goes along, and where to say why."""
    return _proposal(drawing_id, None)


def _proposal(drawing_id: UUID, found: Checked | None, *, said: dict[str, str] | None = None) -> str:
    return render_template(
        "studio/publish.html",
        sheet=publication.proposal(db(), actor(), drawing_id, found, g.now),
        wrong=said or {},
        why=typed("why"),
        over=typed("over"),
    )


@bp.post("/drawings/<uuid:drawing_id>/publish")
@requires(Permission.PUBLISH)
def publish(drawing_id: UUID) -> ResponseReturnValue:
    """Publish exactly what was on the page; the page again, with what is in the way, where that cannot be."""
    seen = [(drawing_id, request.form.get("revision", 0, type=int)), *_along()]
    with looking() as reading:
        found = bundle.checked(reading, actor(), drawing_id, [one for one, _revision in seen[1:]], g.now)
    why, over = typed("why"), typed("over").split()
    if found.revisions != tuple(seen):
        said = _("Noen har lagret på nytt etter at du åpnet siden. Ingenting er publisert. Se på endringene igjen.")
        return _proposal(drawing_id, None, said={"": said}), 412
    try:
        with db().begin_nested():
            done = publication.publish(db(), actor(), found, why, over, g.now)
    except Stale as error:
        return _proposal(drawing_id, None, said={"": error.message}), 412
    except Invalid as error:
        return _proposal(drawing_id, found, said=wrong(error)), 422
    if done.problems and not done.versions:
        return _proposal(drawing_id, found, said={"": refused()}), 422
    if done.unchanged:
        said = _("Utkastet er likt det som er publisert. Alt er som før.")
        return _proposal(drawing_id, found, said={"": said}), 422
    return told(done, drawing_id)


def _along() -> list[tuple[UUID, int]]:
    """The forms that were chosen, each with the revision that was shown."""
    found = []
    for said in request.form.getlist("along")[: bundle.MOST_ALONG]:
        one, _colon, revision = said.partition(":")
        try:
            found.append((UUID(one), int(revision[:9])))
        except ValueError:
            raise Conflict(_("Siden er for gammel. Last den på nytt. Ingenting er publisert.")) from None
    return found


@bp.post("/publications/<uuid:publication_id>/confirm")
@requires(Permission.PUBLISH)
def confirm(publication_id: UUID) -> ResponseReturnValue:
    """The second pair of eyes says yes: exactly what was asked for is published."""
    with looking() as reading:
        drawing_id, along = confirming.to_confirm(reading, actor(), publication_id, g.now)
        found = bundle.checked(reading, actor(), drawing_id, along, g.now)
    done = publication.confirm(db(), actor(), publication_id, found, g.now)
    if done.problems and not done.versions:
        return _proposal(drawing_id, found, said={"": refused()}), 422
    return told(done, drawing_id)


@bp.post("/publications/<uuid:publication_id>/decline")
@requires(Permission.PUBLISH)
def decline(publication_id: UUID) -> ResponseReturnValue:
    """No, with a reason; or the one who asked takes it back."""
    drawing_id = confirming.to_confirm(db(), actor(), publication_id, g.now)[0]
    try:
        with db().begin_nested():
            confirming.decline(db(), actor(), publication_id, typed("answer"), g.now)
    except Invalid as error:
        return _proposal(drawing_id, None, said=wrong(error)), 422
    flash(_("Svaret er lagret. Utkastet står som det er, og ingenting er publisert."), "success")
    return redirect(url_for("studio.proposal", drawing_id=drawing_id), 303)
