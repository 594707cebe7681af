"""For those who run komp-flow: is it alive, is it ready, and how is it doing."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select

from komp_flow import schema
from komp_flow.auth.guards import public
from komp_flow.engine import tables
from komp_flow.requests import db

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """The database answers and has the tables of this version (503 otherwise)."""
    behind = schema.behind(current_app.extensions["database"])
    checks = {"database": "ok", "migrations": "behind" if behind else "ok", "assets": "ok"}
    return jsonify(status="behind" if behind else "ok", checks=checks), 503 if behind else 200


@bp.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Counts for Prometheus: open tasks, waiting timers and deliveries, open incidents. No names, no texts."""
    registry = CollectorRegistry()
    session = db()
    counted = {
        "komp_flow_tasks_open": select(func.count()).where(tables.Task.state == "open"),
        "komp_flow_timers_waiting": select(func.count()).select_from(tables.Timer),
        "komp_flow_incidents_open": select(func.count()).where(tables.Incident.closed_at.is_(None)),
        "komp_flow_deliveries_waiting": select(func.count()).where(tables.Delivery.done_at.is_(None)),
    }
    for name, query in counted.items():
        Gauge(name, name.replace("_", " "), registry=registry).set(session.scalar(query) or 0)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
