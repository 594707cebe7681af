"""What a process counts while it works, for Prometheus: names of processes, routes and kinds, never of people."""

from __future__ import annotations

from typing import Final

from prometheus_client import Histogram

_FINE: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

STEP_SECONDS: Final = Histogram(
    "komp_flow_step_seconds",
    "Time of one step of an instance, from its row being locked until all is written; without the commit.",
    ("process",),
    buckets=_FINE,
)
REQUEST_SECONDS: Final = Histogram(
    "komp_flow_request_seconds",
    "Time of one request, by the pattern of its address.",
    ("method", "route", "status"),
    buckets=_FINE,
)
