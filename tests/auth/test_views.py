"""Signing in and out on the web, and what every answer carries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from auth.conftest import PASSWORD
from komp_flow.db import Database

EVA = {"login": "eva.næss@fjord.example", "password": PASSWORD}


@pytest.fixture
def browser(two: Database, client: Any) -> Any:
    """Somebody's browser, where Eva has an account."""
    return client


def test_one_signs_in_and_comes_to_where_one_was_going(browser: Any) -> None:
    asked = browser.get("/calendar?cycle=2027")
    assert asked.location == "/sign-in?next=/calendar?cycle%3D2027"
    answer = browser.post("/sign-in", data={**EVA, "next": "/calendar?cycle=2027"})
    assert (answer.status_code, answer.location) == (303, "/calendar?cycle=2027")
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "/\t/evil.example", "http:evil.example", "/a\nb", "x", "/" + "a" * 3000],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(browser: Any, elsewhere: str) -> None:
    answer = browser.post("/sign-in", data={**EVA, "next": elsewhere})
    assert answer.location == "/"


def test_a_wrong_password_is_told_without_saying_which_part_was_wrong(browser: Any) -> None:
    wrong = browser.post("/sign-in", data={**EVA, "password": "feil"})
    unknown = browser.post("/sign-in", data={"login": "ingen@fjord.example", "password": "feil"})
    assert wrong.status_code == unknown.status_code == 422
    assert 'value="eva.næss@fjord.example"' in wrong.text
    assert PASSWORD not in wrong.text
    alerts = [page.text.split('role="alert"')[1].split("</div>")[0] for page in (wrong, unknown)]
    assert alerts[0] == alerts[1]
    assert browser.get("/").status_code == 303


def test_a_persona_is_there_in_the_demo_only(app: Any, browser: Any) -> None:
    assert browser.post("/sign-in/persona", data={"person": "eva"}).status_code == 303
    browser.post("/sign-out")
    app.extensions["komp_flow"] = replace(app.extensions["komp_flow"], demo=False)
    assert browser.post("/sign-in/persona", data={"person": "eva"}).status_code == 404
    assert "Velg hvem du vil være" not in browser.get("/sign-in").text
    assert browser.get("/").status_code == 303


def test_a_session_cannot_be_planted_and_ends_with_signing_out(browser: Any) -> None:
    with browser.session_transaction() as session:
        session["planted"] = "by somebody else"
    browser.post("/sign-in", data=EVA)
    with browser.session_transaction() as session:
        assert "planted" not in session
        assert session["person"] == "eva"
    browser.post("/sign-out")
    with browser.session_transaction() as session:
        assert "person" not in session
    assert browser.get("/").status_code == 303


def test_the_cookie_is_not_for_scripts_nor_for_other_sites(browser: Any) -> None:
    plain = browser.post("/sign-in", data=EVA).headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    secure = browser.post("/sign-in", data=EVA, base_url="https://localhost").headers["Set-Cookie"]
    assert "Secure" in secure


def test_what_a_page_fetches_beside_it_never_writes_the_session_anew(browser: Any) -> None:
    browser.post("/sign-in", data=EVA)
    browser.get("/")  # puts the token of its forms into the session
    fetched, opened = (browser.get("/", headers={"Sec-Fetch-Mode": mode}) for mode in ("cors", "navigate"))
    assert fetched.status_code == opened.status_code == 200
    assert "Set-Cookie" not in fetched.headers  # it may come after one has signed out, or after a message was kept
    assert "Set-Cookie" in opened.headers  # and so somebody who works is not signed out


@pytest.mark.parametrize("address", ["/sign-in", "/", "/nothing", "/static/icon.svg", "/healthz", "/api/v1/me"])
def test_every_answer_carries_the_rules_for_browsers(browser: Any, address: str) -> None:
    with browser.get(address) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    for rule in ("default-src 'self'", "script-src 'self'", "object-src 'none'", "base-uri 'self'",
                 "frame-ancestors 'none'", "form-action 'self'"):  # fmt: skip
        assert rule in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers.get("Cache-Control") == "no-store" or address.startswith("/static/")


def test_a_form_without_its_token_changes_nothing(app: Any, browser: Any) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert browser.post("/sign-in", data=EVA).status_code == 401
    assert browser.get("/").status_code == 303
    assert PASSWORD not in browser.post("/sign-in", data=EVA).text


def test_one_chooses_the_language_of_the_pages(browser: Any) -> None:
    for chosen in ("nn", "en", "nb"):
        answer = browser.post("/language", data={"language": chosen, "next": "/sign-in"})
        assert (answer.status_code, answer.location) == (303, "/sign-in")
        assert f'<html lang="{chosen}"' in browser.get("/sign-in").text
    browser.post("/language", data={"language": "../../etc", "next": "/sign-in"})
    assert '<html lang="nb"' in browser.get("/sign-in").text
