"""What is logged: one line of JSON each, with ids, without anybody's words."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from komp_flow import logs

Lines = Callable[[], list[dict[str, Any]]]
SECRET = "det jeg aldri sa til noen"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    logs.to_stderr()
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()
    root.handlers[:], root.level = before[0], before[1]


def test_a_line_of_ours_and_one_of_a_library_are_json_alike(lines: Lines) -> None:
    structlog.get_logger("ours").warning("due", kind="timer")
    logging.getLogger("theirs").warning("slow query of %s rows", 3)
    ours, theirs = lines()
    assert (ours["event"], ours["kind"], ours["level"]) == ("due", "timer", "warning")
    assert (theirs["event"], theirs["logger"], theirs["level"]) == ("slow query of 3 rows", "theirs", "warning")
    assert ours["timestamp"].endswith("Z")
    assert theirs["timestamp"].endswith("Z")


@pytest.mark.parametrize("logger", [structlog.get_logger("ours"), logging.getLogger("theirs")])
def test_of_an_exception_only_its_kind_and_place_are_told(lines: Lines, logger: Any) -> None:
    try:
        int(SECRET)
    except ValueError:
        logger.exception("tick")
    (line,) = lines()
    assert (line["event"], line["error"]) == ("tick", "ValueError")
    assert line["where"][-1].startswith("test_logs.py:")
    assert SECRET not in json.dumps(line, ensure_ascii=False)


def test_what_is_logged_about_something_names_it(lines: Lines) -> None:
    with logs.about(instance="ab12"):
        structlog.get_logger().info("step")
        logging.getLogger("theirs").info("inside")
    structlog.get_logger().info("after")
    assert [line.get("instance") for line in lines()] == ["ab12", "ab12", None]


@pytest.mark.parametrize("given", [None, "", "a" * 65, "to ord", "a\nb", "æøå"])
def test_an_id_that_is_none_is_replaced(given: str | None) -> None:
    assert logs.REQUEST_ID.fullmatch(logs.request_id(given))
    assert logs.request_id(given) != given


def test_an_id_from_a_proxy_is_kept() -> None:
    assert logs.request_id("proxy-7.a_B") == "proxy-7.a_B"


def test_a_request_is_one_line_with_ids_and_no_person(client: Any, app: Any, lines: Lines) -> None:
    def burst(**_ids: object) -> None:
        raise RuntimeError(SECRET)

    task = "00000000-0000-4000-8000-000000000000"
    for rule in app.url_map.iter_rules():
        if rule.rule in {"/tasks/<uuid:task_id>", "/people/<string:person_id>"}:
            app.view_functions[rule.endpoint] = burst
            burst.guard = "anyone"  # type: ignore[attr-defined]
    assert client.get(f"/tasks/{task}", headers={"X-Request-Id": "r-1"}).headers["X-Request-Id"] == "r-1"
    client.open("/healthz")
    client.open("/nowhere/1001?q=" + SECRET, method="BREW")
    told = lines()
    assert [line["event"] for line in told] == ["unexpected", "request", "request"]
    assert {line["request"] for line in told[:2]} == {"r-1"}
    assert told[1]["task"] == task
    assert (told[1]["route"], told[1]["status"]) == ("/tasks/<uuid:task_id>", 500)
    assert (told[2]["method"], told[2]["route"], told[2]["status"]) == ("other", "-", 404)
    everything = json.dumps(told, ensure_ascii=False)
    assert SECRET not in everything
    assert "1001" not in everything
