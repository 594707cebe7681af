"""What the parts of the export of all about me are called when it is to be read."""

from __future__ import annotations

from typing import Final

from komp_flow.i18n import _l
from komp_flow.organisation.reasons import NAMES

SECTIONS: Final = {
    "person": _l("Om deg"),
    "positions": _l("Stillinger"),
    "roles": _l("Roller"),
    "substitutes": _l("Vikarer"),
    "talks_with": _l("Hvem som har samtalene dine"),
    "account": _l("Konto"),
    "tokens": _l("Nøkler til API-et"),
    "goals": _l("Utviklingsmål"),
    "follow_ups": _l("Oppfølginger"),
    "talks": _l("Samtaler"),
    "written": _l("Skrevet i samtalene"),
    "drafts": _l("Utkast"),
    "comments": _l("Dine kommentarer til planen"),
    "readings": _l("Det du har fått å lese"),
    "input": _l("Innspill til drøftingen"),
    "measures": _l("Tiltak du har ansvar for"),
    "files": _l("Filer"),
    "who_has_read": _l("Hvem har lest"),
    "tasks_open": _l("Oppgaver som venter"),
    "tasks_done": _l("Oppgaver du har gjort"),
    "notifications": _l("Varsler til deg"),
    "mails": _l("E-post til deg"),
    "drawings": _l("Diagrammer og skjemaer du har arbeidet med"),
    "trail": _l("Hva som har skjedd i samtalene og lesingen din"),
    "erasures": _l("Sletting"),
}

# What a row is headed by: the first of these that it has.
TITLES: Final = {
    "positions": ("title", "unit_name"), "tokens": ("name",), "goals": ("goal", "area_name"), "written": ("name",),
    "drafts": ("name",), "readings": ("name",), "measures": ("name",), "files": ("name",),
    "talks": ("talk_at", "started_at"),
    "who_has_read": ("first_at",), "tasks_open": ("name",), "tasks_done": ("name",), "comments": ("at",),
    "follow_ups": ("created_at",), "notifications": ("created_at",), "trail": ("at",), "mails": ("created_at",),
    "drawings": ("name",), "input": ("created_at",),
}  # fmt: skip

FIELDS: Final = {
    "name": _l("Navn"), "email": _l("E-post"), "language": _l("Språk"), "title": _l("Stilling"),
    "unit_name": _l("Enhet"), "absence_from": _l("Borte fra"), "absence_to": _l("Borte til"),
    "left_at": _l("Sluttet"), "manager_name": _l("Leder"), "percent": _l("Prosent"), "start": _l("Fra"),
    "end": _l("Til"), "main": _l("Hovedstilling"), "role": _l("Rolle"), "source": _l("Kilde"),
    "for_me": _l("Vikar for deg"), "since": _l("Siden"), "created_at": _l("Opprettet"), "changed_at": _l("Endret"),
    "locked_at": _l("Låst"), "scopes": _l("Tilganger"), "expires_at": _l("Utløper"),
    "revoked_at": _l("Trukket tilbake"), "goal": _l("Mål"), "area_name": _l("Kompetanseområde"),
    "area": _l("Kompetanseområde"), "measure_name": _l("Tiltak"), "activity": _l("Hva skal skje"),
    "support": _l("Lederen bidrar med"), "due": _l("Ferdig innen"), "indicator": _l("Slik ser dere at målet er nådd"),
    "status": _l("Status"), "career_wish": _l("Karriereønske"), "effect": _l("Effekt, 1 til 5"),
    "progress": _l("Framdrift i prosent"), "before": _l("Før"), "after": _l("Etter"), "comment": _l("Kommentar"),
    "cycle": _l("Syklus"), "talk_at": _l("Avtalt til"), "started_at": _l("Begynt"), "invited_at": _l("Invitert"),
    "held_on": _l("Holdt"), "closed_at": _l("Ferdig"), "postponed_until": _l("Utsatt til"),
    "confirmation": _l("Bekreftet"), "extraordinary": _l("Ekstra samtale"), "by": _l("Av"), "at": _l("Når"),
    "notes": _l("Private notater"), "shared_at": _l("Delt"), "erased": _l("Teksten er slettet"),
    "text": _l("Tekst"), "given_at": _l("Gitt"), "confirmed_at": _l("Bekreftet lest"), "stage": _l("Trinn"),
    "outcome": _l("Vedtak"), "kind": _l("Slag"), "size": _l("Størrelse i byte"), "reader": _l("Leser"),
    "what": _l("Hva"), "first_at": _l("Først lest"), "due_at": _l("Frist"), "about_me": _l("Om deg selv"),
    "process": _l("Prosess"), "level": _l("Trinn i trappen"), "phase": _l("Fase"), "sent_at": _l("Sendt"),
    "cause": _l("Grunn"), "share": _l("Delt"), "measure": _l("Tiltak"), "updated_at": _l("Endret"),
    "on_date": _l("For dagen"),
}  # fmt: skip

VALUES: Final = {
    **NAMES,
    "me": _l("deg"), "other": _l("en annen"), "system": _l("komp-flow selv"),
    "not_started": _l("Ikke begynt"), "under_way": _l("I gang"), "done": _l("Ferdig"), "stopped": _l("Lagt bort"),
    "started": _l("Ikke avtalt ennå"), "invited": _l("Avtalt"), "held": _l("Holdt"), "closed": _l("Ferdig"),
    "declined": _l("Takket nei"), "postponed": _l("Utsatt"), "cancelled": _l("Bortfalt"),
    "read": _l("Lest"), "unread": _l("Ikke lest"), "lapsed": _l("Falt bort"),
    "asked": _l("Noen ba om det"), "left": _l("Du har sluttet"), "age": _l("Lagringstiden er ute"),
    "again": _l("Slettet på nytt etter en gjenoppretting"),
    "deputy": _l("Stedfortreder"),
    "nb": "Bokmål", "nn": "Nynorsk", "en": "English",
    "agree": _l("Enig i planen"), "disagree": _l("Ikke enig ennå"), "not_commented": _l("Ikke kommentert i tide"),
    "decided": _l("Vedtatt"), "changed": _l("Vedtatt med endringer"), "rejected": _l("Ikke vedtatt"),
    "escalation": _l("En frist er gått ut"), "reminder": _l("Påminnelse"), "strategy": _l("Strategien er sendt ut"),
    "open": _l("Under arbeid"), "published": _l("Publisert"), "discarded": _l("Forkastet"),
    "diagram": _l("Diagram"), "form": _l("Skjema"),
    "waiting": _l("Venter på å bli sendt"), "sent": _l("Sendt"), "failed": _l("Kunne ikke sendes"),
    "kept": _l("Ikke sendt: ingen e-posttjener"), "no-address": _l("Ikke sendt: ingen adresse"),
    "nothing": _l("Ikke sendt: alt var gjort"),
    "next-cycle": _l("Neste syklus"), "notice": _l("Beskjed"), "plan-transfer": _l("Planen og en ny enhet"),
}  # fmt: skip
