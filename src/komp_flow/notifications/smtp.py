"""Handing letters to the mail server, one connection for many, and knowing afterwards what became of each."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from types import TracebackType
from typing import Final

from komp_flow.settings import Relay

WHOLE: Final = 30.0  # seconds for one letter, or for coming in, however slowly the server drips its answers
CLOSING: Final = 421  # RFC 5321 section 4.2.3: the server shuts the door, whatever it was asked
PERMANENT: Final = 500
LONGEST_REASON: Final = 300


class Undelivered(Exception):
    """A letter was not handed over; `reason` is the server's own words, or the kind of the fault.

    `never`: trying again would not help. `unsure`: it may have been delivered all the same.
    """

    unsure = False

    def __init__(self, reason: str, *, never: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.never = reason, never


class Refused(Undelivered):
    """The server will not have this letter: never, or not now. It has surely not been delivered."""


class Unreachable(Undelivered):
    """No letter can be handed over just now: the server is away, or will not have us. Surely not delivered."""


class Unsure(Undelivered):
    """The line fell while the letter was handed over: it may have been delivered."""

    unsure = True


class Post:
    """A connection to the server, made when the first letter is sent. Not shared by threads."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._line: smtplib.SMTP | None = None

    def __enter__(self) -> Post:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._line is not None:
            with suppress(smtplib.SMTPException, OSError), _at_most(self._relay.seconds, self._line):
                self._line.quit()
        self._hang_up()

    def send(self, letter: EmailMessage, to: str) -> None:
        """Hand over one letter; returns when the server has taken it. Raises Refused, Unreachable or Unsure."""
        line = self._line or self._connect()
        raw, international = _written(letter, to, line)
        with _at_most(WHOLE, line):
            self._address(line, to, international)
            try:
                code, said = line.data(raw)
            except smtplib.SMTPDataError as error:  # it would not even hear it
                code, said = error.smtp_code, _bytes(error.smtp_error)
            except (smtplib.SMTPException, OSError) as error:
                self._hang_up()
                raise Unsure(type(error).__name__) from None
        if code >= 400:
            self._refused(line, code, said)

    def _address(self, line: smtplib.SMTP, to: str, international: bool) -> None:
        """Whom it is from and to."""
        try:
            code, said = line.mail(self._relay.sender, ["SMTPUTF8"] if international else [])
            if code >= 400:
                self._hang_up()
                raise Unreachable(_told(code, said))  # whatever is wrong with the sender, it is wrong for every letter
            code, said = line.rcpt(to)
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            raise Unreachable(type(error).__name__) from None
        if code >= 400:
            self._refused(line, code, said)

    def _refused(self, line: smtplib.SMTP, code: int, said: bytes) -> None:
        if code == CLOSING:
            self._hang_up()
            raise Unreachable(_told(code, said))
        try:
            line.rset()
        except (smtplib.SMTPException, OSError):
            self._hang_up()
        raise Refused(_told(code, said), never=code >= PERMANENT)

    def _connect(self) -> smtplib.SMTP:
        relay = self._relay
        us = relay.sender.rpartition("@")[2]
        tls = ssl.create_default_context()
        line = (
            smtplib.SMTP_SSL(timeout=relay.seconds, local_hostname=us, context=tls)
            if relay.tls
            else smtplib.SMTP(timeout=relay.seconds, local_hostname=us)
        )
        line._host = relay.host  # type: ignore[attr-defined]  # smtplib sets it only where it connects at once
        self._line = line
        try:
            with _at_most(WHOLE, line):
                code, said = line.connect(relay.host, relay.port)
                if code != 220:
                    raise smtplib.SMTPConnectError(code, _text(said))
                if relay.starttls:
                    line.starttls(context=tls)
                line.ehlo_or_helo_if_needed()
                if relay.user is not None:
                    line.login(relay.user, relay.password or "")
        except smtplib.SMTPResponseException as error:
            self._hang_up()
            raise Unreachable(_told(error.smtp_code, _bytes(error.smtp_error))) from None
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            self._hang_up()
            why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            raise Unreachable(str(why)[:LONGEST_REASON]) from None
        return line

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with suppress(OSError):
                line.close()


@contextmanager
def _at_most(seconds: float, line: smtplib.SMTP) -> Iterator[None]:
    """Cut the line if the block takes longer: a server that drips one byte at a time would else hold us for ever."""

    def cut() -> None:
        with suppress(OSError, AttributeError):
            line.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _written(letter: EmailMessage, to: str, line: smtplib.SMTP) -> tuple[bytes, bool]:
    """The letter as bytes, in ASCII where the address allows; and whether it needs a server that takes more."""
    if to.isascii():
        return letter.as_bytes(policy=SMTP), False
    if not line.has_extn("smtputf8"):
        raise Refused("SMTPUTF8", never=True)
    return letter.as_bytes(policy=SMTPUTF8), True


def _told(code: int, said: bytes) -> str:
    return f"{code} {_text(said)}"[:LONGEST_REASON]


def _text(said: bytes) -> str:
    return " ".join(said.decode("utf-8", "replace").split())


def _bytes(said: bytes | str) -> bytes:
    return said.encode() if isinstance(said, str) else said
