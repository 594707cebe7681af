"""Mail over an encrypted line, to a server vouched for by an authority of ours: only one that is trusted gets it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from komp_flow.notifications import mails
from notifications.conftest import Mailing
from notifications.mail_server import one_account

Certified = Callable[[str], ssl.SSLContext]
STARTTLS, SMTPS = "starttls", "smtps"


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certified:
    """What a server speaks TLS with, under a name that an authority vouches for; this process trusts that authority."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))

    def context(name: str) -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(name).configure_cert(made)
        return made

    return context


def serve(mailing: Mailing, how: str, context: ssl.SSLContext, **more: Any) -> None:
    """Let the server begin anew, encrypted in this way; what is sent goes there."""
    mailing.server.stop()
    if how == STARTTLS:
        mailing.server.start(tls_context=context, require_starttls=True, **more)
    else:
        mailing.server.start(ssl_context=context, **more)
    account = "komp:hemmelig@" if more else ""
    port = mailing.server.port
    mailing.set(
        mail=f"smtp://{account}127.0.0.1:{port}?starttls" if how == STARTTLS else f"smtps://{account}127.0.0.1:{port}"
    )
    mailing.tell("kari")
    mailing.morning()


def known(mailing: Mailing) -> str:
    """What the administrator is shown about the mail server."""
    with mailing.database.reading() as db:
        found = mails.state(db)
        return (found.error if found else None) or ""


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it does not see that the line is
@pytest.mark.parametrize("how", [STARTTLS, SMTPS])
def test_a_server_that_is_trusted_gets_the_letter_and_the_password(
    mailing: Mailing, certified: Certified, how: str
) -> None:
    only_encrypted = {"auth_require_tls": how == STARTTLS, "auth_required": True}
    serve(mailing, how, certified("127.0.0.1"), authenticator=one_account("komp", "hemmelig"), **only_encrypted)
    assert (mailing.server.to, mailing.states()["kari"]) == (["kari@example.org"], "sent")


@pytest.mark.parametrize("how", [STARTTLS, SMTPS])
def test_a_server_under_another_name_gets_nothing_and_the_letter_waits(
    mailing: Mailing, certified: Certified, how: str
) -> None:
    serve(mailing, how, certified("post.example.org"))
    assert (mailing.server.letters, mailing.states()["kari"]) == ([], "waiting")
    assert "certificate" in known(mailing)


@pytest.mark.parametrize("how", [STARTTLS, SMTPS])
def test_a_server_that_nobody_vouches_for_gets_nothing_and_the_letter_waits(
    mailing: Mailing, certified: Certified, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    context = certified("127.0.0.1")
    monkeypatch.delenv("SSL_CERT_FILE")
    serve(mailing, how, context)
    assert (mailing.server.letters, mailing.states()["kari"]) == ([], "waiting")
    assert "certificate" in known(mailing)
