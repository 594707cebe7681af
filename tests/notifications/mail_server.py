"""A mail server of our own, on a port of the machine: it keeps what it is given, and misbehaves as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

Misbehaviour = Callable[["Server", str, Any], "str | None"]


class Server:
    """`letters` is what it took. `at` maps a command (`RCPT`, `DATA`, …) to what it answers instead of «ok».

    An answer of `None` is the usual one. `DROP` takes the letter and cuts the line before it says so.
    """

    DROP = "drop"
    HANG = "hang"

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.to: list[str] = []
        self.connections = 0
        self.at: dict[str, Callable[[str], str | None]] = {}
        self.before_accepting: Callable[[], None] = lambda: None
        self.released = threading.Event()
        self._controller: Controller | None = None
        self.port = 0

    # What aiosmtpd calls.

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:  # noqa: N802
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if answer := self._answer("MAIL", address):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if answer := self._answer("RCPT", address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.before_accepting()
        answer = self._answer("DATA", envelope.rcpt_tos[0])
        if answer is None or answer == self.DROP:
            self.letters.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
            self.to += envelope.rcpt_tos
        if answer == self.DROP:
            server.transport.abort()
        if answer == self.HANG:
            await self._until_released(server)
        return answer or "250 taken"

    def _answer(self, command: str, about: str) -> str | None:
        says = self.at.get(command)
        return says(about) if says else None

    async def _until_released(self, server: Any) -> None:
        await server.loop.run_in_executor(None, self.released.wait, 30)

    # What tests call.

    def start(self, **how: Any) -> None:
        """Listen on a port; the same as before, if there was one."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port or _free(), **how)  # type: ignore[arg-type]
        self._controller.start()
        self.port = self._controller.port

    def stop(self) -> None:
        self.released.set()
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def bodies(self) -> list[str]:
        """The plain texts."""
        return [body(letter) for letter in self.letters]


def body(letter: EmailMessage, kind: str = "plain") -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def one_account(user: str, password: str) -> Callable[..., AuthResult]:
    def check(_server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        right = LoginPassword(user.encode(), password.encode())
        return AuthResult(success=data == right, handled=False)

    return check


def _free() -> int:
    import socket
    from contextlib import closing

    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
