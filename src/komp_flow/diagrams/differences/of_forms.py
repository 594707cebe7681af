"""Two forms compared, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from komp_flow.diagrams.differences.said import Change, changed, renamed
from komp_flow.diagrams.words.said import both, quoted, tidy
from komp_flow.forms import documents
from komp_flow.forms.problems import Findings
from komp_flow.i18n import _, _l

DEPTH: Final = 20
LONGEST_TEXT: Final = 60  # of a text component, where it is named
# What has words of its own; the rest of a field is compared as it stands.
_OWN: Final = frozenset({"id", "key", "path", "label", "dateLabel", "timeLabel", "components", "layout", "text"})
_NO: Final = {"validate.required": False, "readonly": False, "disabled": False}  # what it is where nothing is said
_ASPECTS: Final[Mapping[str, str]] = {
    "type": _l("hva slags felt det er,"),
    "description": _l("hjelpeteksten"),
    "validate.required": _l("om det må fylles ut,"),
    "validate.minLength": _l("den minste lengden"),
    "validate.maxLength": _l("den største lengden"),
    "validate.min": _l("det minste tallet"),
    "validate.max": _l("det største tallet"),
    "validate.pattern": _l("mønsteret svaret må følge,"),
    "conditional.hide": _l("når det er skjult,"),
    "readonly": _l("om det bare kan leses,"),
    "disabled": _l("om det er slått av,"),
    "defaultValue": _l("svaret det begynner med,"),
    "valuesKey": _l("hvor valgene kommer fra,"),
    "valuesExpression": _l("hvor valgene kommer fra,"),
    "dataSource": _l("det tabellen viser,"),
    "properties.register": _l("registeret det skrives til,"),
    "properties.column": _l("kolonnen det skrives til,"),
    "properties.check": _l("regelen svaret prøves mot,"),
    "properties.check-message": _l("det som sies når regelen ikke er fulgt,"),
}


@dataclass(frozen=True)
class Field:
    """One component: where it stands, and its document."""

    id: str
    key: str
    label: str
    around: str  # the key of the list or group it stands in
    before: str  # the id of the one before it there
    data: Mapping[str, Any]

    @property
    def what(self) -> str:
        """What it is called."""
        name = tidy(self.label or self.key)
        if self.data.get("type") == "text" and name:
            return _("Teksten %(text)s", text=quoted(name[:LONGEST_TEXT] + ("…" if len(name) > LONGEST_TEXT else "")))
        return quoted(name) if name else _("Elementet %(id)s", id=quoted(self.id))


def compared(old: str, new: str) -> list[Change]:
    """All differences, in the order of the new form, then what is gone."""
    before, after = _document(old), _document(new)
    olds, news = _fields(before), _fields(after)
    pairs = _paired(olds, news)
    found = [*_title(before, after)]
    for each in news:
        was = pairs.get(each.id)
        if was is None:
            found.append(_added(each))
        else:
            found += _field(was, each)
    kept = {id(was) for was in pairs.values()}
    found += [
        Change(each.id, "removed", _("%(what)s er tatt bort.", what=each.what)) for each in olds if id(each) not in kept
    ]
    found += _moved(pairs, olds, news)
    rest = [_rest(document) for document in (before, after)]
    if rest[0] != rest[1]:
        found.append(Change("", "changed", _("Noe ved skjemaet som ikke har egne ord, er endret.")))
    return found


def _document(text: str) -> Mapping[str, Any]:
    return documents.load(text.encode(), Findings()) or {}


def _fields(document: Mapping[str, Any]) -> list[Field]:
    return list(_walk(document.get("components"), "", 0))


def _walk(components: object, around: str, depth: int) -> Iterator[Field]:
    if not isinstance(components, list) or depth > DEPTH:
        return
    before = ""
    for place, part in enumerate(components):
        if not isinstance(part, dict):
            continue
        key = _text(part.get("key") or part.get("path"))
        id_ = _text(part.get("id")) or key or f"{around}/{place}"
        label = next(
            (_text(part.get(name)) for name in ("label", "dateLabel", "timeLabel", "text") if part.get(name)), ""
        )
        yield Field(id_, key, label, around, before, part)
        before = id_
        yield from _walk(part.get("components"), key or around, depth + 1)


def _paired(olds: list[Field], news: list[Field]) -> dict[str, Field]:
    """By id, or else by key at the same place."""
    by_id = {each.id: each for each in olds}
    found = {each.id: by_id[each.id] for each in news if each.id in by_id}
    taken = {id(each) for each in found.values()}
    by_key = {(each.around, each.key): each for each in olds if each.key and id(each) not in taken}
    for each in news:
        if each.id not in found and (each.around, each.key) in by_key:
            found[each.id] = by_key.pop((each.around, each.key))
    return found


def _title(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    titles = []
    for document in (before, after):
        properties = document.get("properties")
        titles.append(_text(document.get("title") or (properties.get("title") if isinstance(properties, dict) else "")))
    if titles[0] != titles[1]:
        old, new = (quoted(title) if title else _("Skjemaet") for title in titles)
        yield renamed("", old, new)


def _added(each: Field) -> Change:
    required = _flat(each.data).get("validate.required") is True
    if required:
        return Change(each.id, "added", _("Nytt felt: %(what)s. Det må fylles ut.", what=each.what))
    return Change(each.id, "added", _("Nytt felt: %(what)s.", what=each.what))


def _field(was: Field, each: Field) -> Iterator[Change]:
    if was.label != each.label:
        yield renamed(each.id, was.what, each.what)
    if was.key != each.key:
        yield changed(each.id, each.what, _("nøkkelen"), *(quoted(f.key) if f.key else "" for f in (was, each)))
    before, after = _flat(was.data), _flat(each.data)
    if _options(was.data) != _options(each.data):
        yield from _choices(was, each)
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) == after.get(name):
            continue
        aspect = str(_ASPECTS[name]) if name in _ASPECTS else quoted(name)
        yield changed(each.id, each.what, aspect, *(_value(flat.get(name, _NO.get(name))) for flat in (before, after)))


def _choices(was: Field, each: Field) -> Iterator[Change]:
    before, after = dict(_options(was.data)), dict(_options(each.data))
    new = [quoted(label) for value, label in after.items() if value not in before]
    gone = [quoted(label) for value, label in before.items() if value not in after]
    other = [(before[value], label) for value, label in after.items() if value in before and before[value] != label]
    if new:
        yield Change(
            each.id, "changed", _("%(what)s: nye svar å velge: %(options)s.", what=each.what, options=both(new))
        )
    if gone:
        said = _("%(what)s: svar som ikke kan velges lenger: %(options)s.", what=each.what, options=both(gone))
        yield Change(each.id, "changed", said)
    for one, two in other:
        said = _("%(what)s: svaret %(old)s heter nå %(new)s.", what=each.what, old=quoted(one), new=quoted(two))
        yield Change(each.id, "changed", said)
    if not new and not gone and not other:
        yield Change(each.id, "changed", _("%(what)s: svarene står i en annen rekkefølge.", what=each.what))


def _moved(pairs: Mapping[str, Field], olds: list[Field], news: list[Field]) -> Iterator[Change]:
    """Fields in another list, or in another order among those that are in both."""
    kept = {id(was): each.id for each in news if (was := pairs.get(each.id)) is not None}
    order: dict[str, list[str]] = {}
    for was in olds:
        if id(was) in kept:
            order.setdefault(was.around, []).append(kept[id(was)])
    now: dict[str, list[str]] = {}
    for each in news:
        was_ = pairs.get(each.id)
        if was_ is None:
            continue
        if was_.around != each.around:
            yield Change(each.id, "changed", _("%(what)s står nå et annet sted i skjemaet.", what=each.what))
        now.setdefault(each.around, []).append(each.id)
    by_id = {each.id: each for each in news}
    for around, ids in now.items():
        stayed = [id_ for id_ in order.get(around, []) if id_ in ids]
        for id_ in _out_of_order(stayed, [each for each in ids if each in stayed]):
            yield Change(id_, "changed", _("%(what)s har fått en annen plass i rekkefølgen.", what=by_id[id_].what))


def _out_of_order(old: list[str], new: list[str]) -> list[str]:
    """As few as explain the new order: those outside the longest row that kept its order."""
    place = {id_: at for at, id_ in enumerate(old)}
    best: list[list[str]] = []  # by length, the row with the smallest last place
    for id_ in new:
        at = next((n for n, row in enumerate(best) if place[row[-1]] >= place[id_]), len(best))
        row = [*(best[at - 1] if at else []), id_]
        best[at : at + 1] = [row]
    kept = set(best[-1]) if best else set()
    return [id_ for id_ in new if id_ not in kept]


def _options(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    values = data.get("values")
    found = values if isinstance(values, list) else []
    return [(repr(each.get("value")), _text(each.get("label"))) for each in found if isinstance(each, dict)]


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by their path, without those that have sentences of their own."""
    found: dict[str, Any] = {}
    for name, value in data.items():
        if name in _OWN or name == "values":
            continue
        if isinstance(value, dict):
            found |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            found[name] = value
    return found


def _value(value: object) -> str:
    match value:
        case None | "":
            return ""
        case True:
            return _("ja")
        case False:
            return _("nei")
    return quoted(value)


def _rest(document: Mapping[str, Any]) -> dict[str, Any]:
    apart = ("components", "title", "exporter", "executionPlatform", "executionPlatformVersion", "schemaVersion")
    found = {name: value for name, value in document.items() if name not in apart}
    properties = found.get("properties")
    if isinstance(properties, dict):
        found["properties"] = {name: value for name, value in properties.items() if name != "title"}
    return found


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
