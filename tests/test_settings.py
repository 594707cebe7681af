"""The settings about mail: what is read, what is refused with which words, and that no password is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from komp_flow.errors import Invalid
from komp_flow.settings import Relay, Settings, relay


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtp://mail.example.org", Relay("mail.example.org", 25, "komp-flow@mail.example.org")),
        ("smtp://127.0.0.1:2525", Relay("127.0.0.1", 2525, "komp-flow@localhost")),
        ("smtp://[::1]:2525/", Relay("::1", 2525, "komp-flow@localhost")),
        ("smtp://m.no?starttls", Relay("m.no", 587, "komp-flow@m.no", starttls=True)),
        ("smtps://u:p%40%3A%2F@m.no", Relay("m.no", 465, "komp-flow@m.no", tls=True, user="u", password="p@:/")),
        ("smtp://u:p@m.no:26?starttls=", Relay("m.no", 26, "komp-flow@m.no", starttls=True, user="u", password="p")),
        ("smtp://u:p@localhost", Relay("localhost", 25, "komp-flow@localhost", user="u", password="p")),
    ],
)
def test_an_address_of_a_mail_server_is_read(address: str, expected: Relay) -> None:
    assert relay(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "mail.example.org", "mail.example.org:25", "http://mail.example.org", "smtp://", "smtp://m.no:99999",
        "smtp://m.no:x", "smtp://m.no/path", "smtp://m.no?tls", "smtps://m.no?starttls", "smtp://[::1", "",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_what_to_write(address: str) -> None:
    with pytest.raises(Invalid, match="smtp://vert:port"):
        relay(address)


def test_a_password_is_never_sent_in_the_open_nor_told(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="åpent over nettet") as refused:
        relay("smtp://bruker:hemmelig@mail.example.org")
    assert "hemmelig" not in str(refused.value)
    environ = {"KOMP_FLOW_HOME": str(tmp_path), "KOMP_FLOW_MAIL": "smtps://bruker:hemmelig@m.no"}
    settings = Settings.from_env(environ)
    assert "hemmelig" not in f"{settings!r} {settings.relay!r}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_FROM", "komp-flow"), ("MAIL_FROM", "a@b\r\nBcc: c@d"), ("MAIL_FROM", "å@b.no"),
        ("MAIL_FROM", "Navn <a@b.no>"), ("URL", "komp.example.org"), ("URL", "https://x/?y"),
        ("URL", 'https://x"onclick'), ("URL", "javascript:alert(1)"),
    ],
)  # fmt: skip
def test_a_sender_or_address_of_the_pages_that_is_none_is_refused_by_name(
    tmp_path: Path, name: str, value: str
) -> None:
    environ = {"KOMP_FLOW_HOME": str(tmp_path), "KOMP_FLOW_MAIL": "smtp://m.no", f"KOMP_FLOW_{name}": value}
    with pytest.raises(Invalid, match=f"KOMP_FLOW_{name}"):
        Settings.from_env(environ)


def test_the_address_of_the_pages_may_have_a_path(tmp_path: Path) -> None:
    environ = {"KOMP_FLOW_HOME": str(tmp_path), "KOMP_FLOW_URL": "https://intranett.example.org/komp/"}
    assert Settings.from_env(environ).url == "https://intranett.example.org/komp"


def test_a_second_pair_of_eyes_is_asked_for_by_a_one(tmp_path: Path) -> None:
    home = {"KOMP_FLOW_HOME": str(tmp_path)}
    assert not Settings.from_env(home).second_eyes
    assert Settings.from_env({**home, "KOMP_FLOW_SECOND_EYES": "1"}).second_eyes
    with pytest.raises(Invalid, match="KOMP_FLOW_SECOND_EYES"):
        Settings.from_env({**home, "KOMP_FLOW_SECOND_EYES": "kanskje"})
