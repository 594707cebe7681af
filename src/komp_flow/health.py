"""For those who run komp-flow: is it alive, is it ready, and how is it doing."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, current_app, g, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import DBAPIError

from komp_flow import schema, work
from komp_flow.auth.guards import public
from komp_flow.requests import db

bp = Blueprint("health", __name__)

OK: Final = "ok"


@bp.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status=OK)


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """The database answers and has the tables of this version, and the process is not about to end (503 otherwise).

    The assets are there: without them the application does not start.
    """
    checks = {"database": OK, "migrations": OK, "assets": OK, "process": OK}
    try:
        database = current_app.extensions["database"]
        # A later version has migrated while this process serves: it goes on until it is replaced.
        checks["migrations"] = "behind" if not schema.ahead(database) and schema.behind(database) else OK
    except DBAPIError:
        checks |= {"database": "away", "migrations": "unknown"}
    if current_app.extensions["ending"]():
        checks["process"] = "ending"
    wrong = next((state for state in checks.values() if state != OK), OK)
    return jsonify(status=wrong, checks=checks), 200 if wrong == OK else 503


@bp.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """For Prometheus: what waits in the database, and what this process has done. No names, no texts."""
    return Response(_waiting() + generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _waiting() -> bytes:
    found, registry = work.backlog(db(), g.now), CollectorRegistry()

    def gauge(name: str, said: str, label: str | None = None) -> Gauge:
        return Gauge(f"komp_flow_{name}", said, [label] if label else [], registry=registry)

    depth = gauge("queue_due", "Rows of background work that are due now.", "kind")
    oldest = gauge("queue_oldest_seconds", "How long the oldest row that is due has waited.", "kind")
    later = gauge("queue_later", "Rows of background work whose time has not come.", "kind")
    for queue in found.queues:
        depth.labels(queue.kind).set(queue.due)
        oldest.labels(queue.kind).set(queue.oldest)
        later.labels(queue.kind).set(queue.later)
    gauge("tasks_open", "Tasks that wait for a person.").set(found.open_tasks)
    incidents = gauge("incidents_open", "What has stopped and waits for somebody to mend it.", "kind")
    for kind, count in found.open_incidents.items():
        incidents.labels(kind).set(count)
    mails = gauge("mails", "Mails that wait to be sent, and those that were given up.", "state")
    for state, count in found.mails.items():
        mails.labels(state).set(count)
    return generate_latest(registry)
