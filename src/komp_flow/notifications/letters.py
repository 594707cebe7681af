"""A mail as it travels: plain text and HTML that say the same, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from komp_flow.i18n import _, language, ngettext
from komp_flow.notifications import words
from komp_flow.notifications.digests import FRONT, NOTICES, Digest, Line, Section
from komp_flow.notifications.models import Mail
from komp_flow.organisation import PersonFacts
from komp_flow.settings import ADDRESS

NAME: Final = "komp-flow"
LONGEST_NAME: Final = 100


@dataclass(frozen=True)
class Text:
    """What a letter says. `link` is what the last line, about all the rest, leads to."""

    subject: str
    intro: str
    sections: Sequence[Section]
    more: str
    link: Line
    footer: str


def of_digest(digest: Digest, today: datetime) -> Text:
    """A day's news."""
    count = digest.count
    left_out = ngettext("Ett varsel til står i komp-flow.", "%(num)s varsler til står i komp-flow.", digest.more)
    return Text(
        subject=ngettext("Ett varsel fra komp-flow", "%(num)s varsler fra komp-flow", count),
        intro=_("Dette er nytt for deg i komp-flow, %(day)s.", day=words.weekday(today.date())),
        sections=digest.sections,
        more=left_out if digest.more else "",
        link=Line(_("Se alle varslene dine"), NOTICES) if digest.more else Line(_("Åpne oppgavene dine"), FRONT),
        footer=_(
            "Du får høyst én slik e-post om dagen, og bare på arbeidsdager. Den kan ikke besvares. Hva noen har "
            "skrevet, står aldri i en e-post."
        ),
    )


def of_trial() -> Text:
    """What an administrator sends to see that mail works."""
    said = _("Kommer denne fram, virker e-posten fra komp-flow.")
    return Text(_("Prøve fra komp-flow"), said, (), "", Line(_("Åpne oppgavene dine"), FRONT), "")


def address(person: PersonFacts) -> str | None:
    """Where this person's mail goes, as mail servers write it; None if they have no address that can be used."""
    local, _at, domain = person.email.strip().rpartition("@")
    try:
        found = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None
    return found if ADDRESS.fullmatch(found) and found.isprintable() else None


def write(text: Text, mail: Mail, sender: str, to: tuple[str, str], url: str | None) -> EmailMessage:
    """The letter to one person, `to` being name and address. Written anew it is known by the same Message-ID."""
    letter = EmailMessage()
    letter["From"] = _mailbox(NAME, sender)
    letter["To"] = _mailbox(*to)
    letter["Subject"] = text.subject
    letter["Date"] = mail.made_at
    letter["Message-ID"] = mail.message_id or f"<{mail.id.hex}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    letter["X-Auto-Response-Suppress"] = "All"
    given = {"text": text, "url": url, "language": language()}
    plain = _templates().get_template("digest.txt").render(given)
    letter.set_content(plain, cte="quoted-printable")
    html = _templates().get_template("digest.html").render(given)
    letter.add_alternative(html, subtype="html", cte="quoted-printable")
    letter["Content-Language"] = language()
    return letter


def _mailbox(name: str, mailbox: str) -> Address:
    local, _at, domain = mailbox.rpartition("@")
    shown = "".join(sign if sign.isprintable() else " " for sign in name)[:LONGEST_NAME].strip()
    return Address(shown, local, domain)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("komp_flow", "templates/mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
