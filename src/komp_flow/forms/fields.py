"""The marshmallow field of each kind of answer: its type, its bounds and its rules, said in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from marshmallow import ValidationError, fields, missing

from komp_flow.forms import attachments, formats, limits, values
from komp_flow.forms.components import (
    Choice,
    Expression,
    Input,
    NumberInput,
    Reference,
    TextInput,
    Tick,
    When,
)
from komp_flow.forms.inputs import option_text
from komp_flow.forms.sight import Place, Sight
from komp_flow.forms.world import chosen
from komp_flow.i18n import _, ngettext


@dataclass(frozen=True)
class Checking:
    """Where in a submission marshmallow is just now."""

    sight: Sight
    place: Place


_checking: ContextVar[Checking] = ContextVar("checking")


@contextmanager
def checking(sight: Sight, place: Place) -> Iterator[None]:
    """Within, fields know the other answers and where they stand."""
    token = _checking.set(Checking(sight, place))
    try:
        yield
    finally:
        _checking.reset(token)


def here() -> Checking:
    """What `checking` was told."""
    return _checking.get()


class Answer(fields.Field[Any]):
    """One answer. What is hidden is not checked and not kept; what is locked keeps what it started with."""

    def __init__(self, part: Input) -> None:
        label = part.label if isinstance(part.label, str) else ""
        super().__init__(required=part.required, allow_none=not part.required, metadata={"title": label or part.key})
        self.part = part

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """The clean answer, `missing` where none is kept. Raises ValidationError with sentences for a person."""
        now = here()
        if not now.sight.shown(self.part, now.place) or self.part.disabled:
            return missing
        start = now.sight.starts.get((now.place, self.part.element))
        if not now.sight.open(self.part, now.place):
            return self._or_empty(start)
        if value is missing:
            value = start
        if self._blank(value):
            if self.part.required:
                raise ValidationError(self._required())
            return self.part.empty
        return self.read(value, now)

    def read(self, value: Any, now: Checking) -> Any:
        """A value that is there, as it is kept."""
        raise NotImplementedError

    def bound(self, limit: float | Expression | None, now: Checking) -> values.Number | None:
        """A limit of the form, computed where it is an expression."""
        if isinstance(limit, Expression):
            return values.number(now.sight.world.value(limit, now.sight.scope(now.place)))
        return None if limit is None else values.number(limit)

    def _or_empty(self, start: object) -> Any:
        try:
            return self.part.empty if self._blank(start) else self.read(start, here())
        except ValidationError:
            return self.part.empty

    def _blank(self, value: object) -> bool:
        return value is None or value == [] or (isinstance(value, str) and not value.strip())

    def _required(self) -> str:
        return _("Fyll ut dette feltet.")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValidationError(_("Svaret skal være tekst."))
    if not values.storable(value):
        raise ValidationError(_("Teksten har tegn som ikke kan lagres. Skriv den på nytt, uten å lime inn."))
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def _no_longer_than(text: str, most: int) -> None:
    if len(text) > most:
        raise ValidationError(
            ngettext("Skriv høyst %(num)s tegn. Du har skrevet %(given)s.",
                     "Skriv høyst %(num)s tegn. Du har skrevet %(given)s.", most, given=len(text))
        )  # fmt: skip


class TextAnswer(Answer):
    """textfield and textarea."""

    part: TextInput

    def read(self, value: Any, now: Checking) -> str:
        """Text without white space around it, within its length, of its pattern and format."""
        text = _text(value)
        if not self.part.many_lines and "\n" in text:
            raise ValidationError(_("Skriv på én linje."))
        most = self.bound(self.part.longest, now)
        ceiling = limits.TEXT if self.part.many_lines or most is not None else limits.LINE
        _no_longer_than(text, min(int(most), ceiling) if most is not None and most >= 0 else ceiling)
        least = self.bound(self.part.shortest, now)
        if least is not None and len(text) < least:
            raise ValidationError(ngettext("Skriv minst %(num)s tegn.", "Skriv minst %(num)s tegn.", int(least)))
        self._formatted(text)
        return text

    def _formatted(self, text: str) -> None:
        if self.part.pattern and not formats.pattern(self.part.pattern).search(text):
            raise ValidationError(
                self.part.pattern_message or _("Svaret er ikke skrevet slik det trengs her. Se hva feltet ber om.")
            )
        if self.part.format == "email" and not formats.is_address(text):
            raise ValidationError(_("Skriv en e-postadresse, for eksempel navn@virksomhet.no."))
        if self.part.format == "phone" and not formats.is_phone(text):
            raise ValidationError(_("Skriv et telefonnummer, for eksempel 22 33 44 55 eller +47 22 33 44 55."))


class NumberAnswer(Answer):
    """number: an int or a Decimal, or its text where the form keeps text."""

    part: NumberInput

    def read(self, value: Any, now: Checking) -> int | Decimal | str:
        """A number within its bounds."""
        given = values.number(value) if self.part.as_text or not isinstance(value, str) else None
        if given is None:
            raise ValidationError(self._out_of_range(now) or _("Skriv et tall."))
        least, most = self.bound(self.part.least, now), self.bound(self.part.most, now)
        if (least is not None and given < least) or (most is not None and given > most):
            raise ValidationError(self._out_of_range(now))
        self._fine_enough(given)
        return values.number_text(given) if self.part.as_text else given

    def _out_of_range(self, now: Checking) -> str:
        least, most = self.bound(self.part.least, now), self.bound(self.part.most, now)
        said = {
            "least": values.norwegian_number(least, grouped=True),
            "most": values.norwegian_number(most, grouped=True),
        }
        if least is not None and most is not None:
            return _("Skriv et tall mellom %(least)s og %(most)s.", **said)
        if least is not None:
            return _("Skriv et tall som er %(least)s eller mer.", least=said["least"])
        if most is not None:
            return _("Skriv et tall som er %(most)s eller mindre.", most=said["most"])
        return ""

    def _fine_enough(self, given: values.Number) -> None:
        allowed = limits.DECIMALS if self.part.decimals is None else self.part.decimals
        if values.decimals(given) > allowed:
            if allowed == 0:
                raise ValidationError(_("Skriv et helt tall."))
            raise ValidationError(ngettext("Skriv høyst én desimal.", "Skriv høyst %(num)s desimaler.", allowed))
        if self.part.step and Decimal(given) % Decimal(self.part.step):
            raise ValidationError(
                _("Skriv et tall som kan deles på %(step)s.", step=values.norwegian_number(self.part.step))
            )


class ChoiceAnswer(Answer):
    """select, radio and checklist: one or several of the options, each with its own type."""

    part: Choice

    def read(self, value: Any, now: Checking) -> Any:
        """What was chosen, if it may be chosen just now."""
        by_text = {each.text: each.value for each in now.sight.choices(self.part, now.place)}
        if not self.part.many:
            return self._one(value, by_text, _("Velg ett av alternativene."))
        if not isinstance(value, list):
            raise ValidationError(_("Svaret skal være en liste med valg."))
        if len(value) > limits.OPTIONS:
            raise ValidationError(_("Velg blant alternativene i lista."))
        found = [self._one(each, by_text, _("Velg blant alternativene i lista.")) for each in value]
        texts = {option_text(each) for each in found}
        return [each for text, each in by_text.items() if text in texts]

    def _one(self, value: object, by_text: Mapping[str, Any], otherwise: str) -> Any:
        if isinstance(value, str | int | float | Decimal) and option_text(value) in by_text:
            return chosen(value, by_text)
        raise ValidationError(otherwise)

    def _required(self) -> str:
        return _("Velg minst ett alternativ.") if self.part.many else _("Velg ett av alternativene.")


class TickAnswer(Answer):
    """checkbox."""

    part: Tick

    def read(self, value: Any, now: Checking) -> bool:
        """True or false."""
        if not isinstance(value, bool):
            raise ValidationError(_("Svaret skal være ja eller nei (true eller false)."))
        if self.part.required and not value:
            raise ValidationError(self._required())
        return value

    def _required(self) -> str:
        return _("Kryss av her for å gå videre.")


class WhenAnswer(Answer):
    """datetime: ISO text of a date, a time of day or both."""

    part: When

    def read(self, value: Any, now: Checking) -> str:
        """ISO text as form-js writes it, in the organisation's zone."""
        moment = now.sight.world.moment
        found = values.when(self.part, value, moment.zone, moment.now)
        if found is None:
            raise ValidationError(self._required())
        today = moment.now.astimezone(moment.zone).date()
        if self.part.not_past and self.part.part != "time" and _day(found) < today:
            raise ValidationError(_("Velg en dato som ikke har vært."))
        minutes = 0 if self.part.part == "date" else found.hour * 60 + found.minute  # type: ignore[union-attr]
        if self.part.interval and minutes % self.part.interval:
            raise ValidationError(
                ngettext(
                    "Velg et helt minutt.", "Velg et klokkeslett som går opp i %(num)s minutter.", self.part.interval
                )
            )
        return values.iso(self.part, found, moment.zone, moment.now)

    def _required(self) -> str:
        if self.part.part == "time":
            return _("Skriv et klokkeslett, for eksempel 13:30.")
        if self.part.part == "datetime":
            return _("Skriv en dato og et klokkeslett.")
        return _("Skriv en dato, for eksempel 31.12.%(year)s.", year=here().sight.world.moment.now.year)


def _day(found: Any) -> Any:
    return found.date() if hasattr(found, "date") else found


class ReferenceAnswer(Answer):
    """filepicker: the ids of files that were uploaded to this very task."""

    part: Reference

    def read(self, value: Any, now: Checking) -> list[str]:
        """The ids, each once. An id of any other file is as unknown as one that nobody has."""
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise ValidationError(_("Svaret skal være en liste med id-ene til filene."))
        ids = list(dict.fromkeys(map(attachments.written, given)))
        most = attachments.MOST if self.part.many else 1
        if len(ids) > most:
            raise ValidationError(ngettext("Legg ved høyst én fil.", "Legg ved høyst %(num)s filer.", most))
        files = now.sight.world.files
        found = [files[each] for each in ids if each in files]
        if len(found) < len(ids):
            raise ValidationError(_("En av filene finnes ikke i denne oppgaven. Last den opp på nytt."))
        for file in found:
            if file.kind not in self.part.kinds:
                kinds = attachments.listed(self.part.kinds)
                raise ValidationError(_("«%(name)s» passer ikke her. Velg %(kinds)s.", name=file.name, kinds=kinds))
        return [file.id for file in found]

    def _required(self) -> str:
        return _("Legg ved en fil.")


FIELDS: Final[Mapping[type[Input], Callable[[Any], Answer]]] = {
    TextInput: TextAnswer,
    NumberInput: NumberAnswer,
    Choice: ChoiceAnswer,
    Tick: TickAnswer,
    When: WhenAnswer,
    Reference: ReferenceAnswer,
}
