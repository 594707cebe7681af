"""The pages of the registers: what the cycle builds on and led to, each row with the trail both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from komp_flow import organisation, registers, work
from komp_flow.auth.guards import actor, requires
from komp_flow.errors import NotFound
from komp_flow.i18n import _
from komp_flow.monitor import register_words as words
from komp_flow.pages import moment
from komp_flow.registers.csv_files import columns, csv_file
from komp_flow.requests import db
from komp_flow.work.policy import Permission

bp = Blueprint("registers", __name__)

PAGE_SIZE = 50
ALL = "all"  # of the choice of cycle
STAGED = {"areas": ("proposed", "merged", "recommended"), "measures": ("proposed", "recommended", "local")}


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to, as the address says."""

    cycle: str
    unit: str
    stage: str
    text: str
    area: str

    def narrowed(self, cycle: str | None) -> registers.Narrowed:
        """For the registers; an empty choice does not narrow."""
        return registers.Narrowed(
            cycle=cycle, unit=self.unit or None, stage=self.stage or None, text=self.text or None,
            area=self.area or None,
        )  # fmt: skip

    def address(self, name: str, **more: object) -> str:
        """The same list, with `more` in the address."""
        given = {key: value for key, value in vars(self).items() if value} | more
        return url_for("registers.register", register=name, **given)


@bp.get("/registers")
@requires(Permission.SEE_REGISTERS)
def overview() -> ResponseReturnValue:
    """Every register, with how many rows the reader may read there."""
    cycles, cycle = _cycles(request.args.get("cycle", "")[:40])
    counts = work.readable(db(), actor(), cycle.id if cycle else None, g.now)
    return render_template(
        "monitor/registers/overview.html", cycles=cycles, cycle=cycle, counts=counts, words=words, all=ALL
    )


@bp.get("/registers/plans")
@requires(Permission.SEE_REGISTERS)
def plans() -> ResponseReturnValue:
    """How far the talks are that the reader may know of, and the plans; in numbers for those above; or as a file."""
    cycles, cycle = _cycles(request.args.get("cycle", "")[:40])
    asked = cycle.id if cycle else None
    if request.args.get("format") == "csv":
        return _plans_file(work.plan_list(db(), actor(), work.Among(asked, page_size=None), g.now).items)
    page = work.plan_list(db(), actor(), work.Among(asked, page=_page(), page_size=PAGE_SIZE), g.now)
    counts = work.talk_counts(db(), actor(), asked, g.now) if asked else []
    return render_template(
        "monitor/registers/plans.html", cycles=cycles, cycle=cycle, all=ALL, page=page, counts=counts, words=words
    )


@bp.get("/registers/<string:register>")
@requires(Permission.SEE_REGISTERS)
def register(register: str) -> ResponseReturnValue:
    """One register as a list, or with `format=csv` as a file."""
    _require(register)
    asked = _asked()
    cycles, cycle = _cycles(asked.cycle)
    narrowed = asked.narrowed(cycle.id if cycle else None)
    if request.args.get("format") == "csv":
        return _file(register, work.whole_register(db(), actor(), register, narrowed=narrowed, now=g.now))
    page = work.register(
        db(), actor(), register, narrowed=narrowed, page=_page(), page_size=PAGE_SIZE, now=g.now
    )  # fmt: skip
    directory = organisation.directory(db(), g.now)
    table = registers.REGISTERS[register].table
    return render_template(
        "monitor/registers/list.html",
        register=register,
        about=words.ABOUT[register],
        words=words,
        page=page,
        asked=asked,
        cycles=cycles,
        cycle=cycle,
        all=ALL,
        units=organisation.queries.units(directory) if "unit" in words.ABOUT[register].columns else [],
        stages=STAGED.get(register, ()),
        searchable=table.__tablename__ not in {"development_goal", "effect"},
        area=_area(asked.area),
    )


@bp.get("/registers/<string:register>/<string:row_id>")
@requires(Permission.SEE_REGISTERS)
def row(register: str, row_id: str) -> ResponseReturnValue:
    """One row: what it says, where it comes from, what it came from and led to."""
    _require(register)
    sheet = work.row(db(), actor(), register, row_id[:36], g.now)
    return render_template(
        "monitor/registers/row.html",
        sheet=sheet,
        about=words.ABOUT[register],
        words=words,
        facts=words.facts(sheet.row),
        cycle=next((one for one in work.cycles(db(), actor(), g.now) if one.id == sheet.row["cycle"]), None),
    )


def _require(name: str) -> None:
    if name not in words.ABOUT:
        raise NotFound(_("Registeret «%(name)s» finnes ikke.", name=name[:40]))


def _asked() -> Asked:
    given = {key: request.args.get(key, "").strip() for key in ("cycle", "unit", "stage", "text", "area")}
    return Asked(**{key: value.replace("\0", "")[:200] for key, value in given.items()})


def _page() -> int:
    return min(max(1, request.args.get("page", 1, type=int)), 100_000)


def _cycles(wanted: str) -> tuple[Sequence[work.CycleLine], work.CycleLine | None]:
    """All cycles, and the one that is asked for, else the newest; None for all of them together."""
    cycles = work.cycles(db(), actor(), g.now)
    if wanted == ALL or not cycles:
        return cycles, None
    return cycles, next((each for each in cycles if each.id == wanted), cycles[0])


def _area(area: str) -> str:
    """What the area that the list is narrowed to is called, where the reader may know it."""
    if not area:
        return ""
    try:
        return str(work.row(db(), actor(), "areas", area, g.now).row["label"])
    except NotFound:
        return area


def _file(name: str, found: Sequence[Mapping[str, Any]]) -> Response:
    """The list as a file that a spreadsheet opens, in words."""
    about = words.ABOUT[name]
    own = registers.REGISTERS[name].label
    first = ["cycle", *about.columns, *(column for row in found[:1] for column in row)]
    listed = [column for column in columns(found, first, frozenset()) if not _aside(column)]
    headings = {own: str(about.label)} | {column: words.heading(column) for column in listed if column != own}
    in_words = (
        {column: row[column] if _is_number(row.get(column)) else words.shown(row, column) for column in headings}
        for row in found
    )
    answer = Response(csv_file(headings, in_words, point=","), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _plans_file(found: Sequence[Mapping[str, Any]]) -> Response:
    """One line for each person, for the solution where the organisation keeps its plans (process.md P3.S3)."""
    names = ("person_name", "unit_name", "cycle", "status", "talk_at", "held_on", "agreed", "reference", "goals",
             "career_wish")  # fmt: skip
    headings = {"person": _("Ansattnummer")} | {name: words.heading(name.removesuffix("_name")) for name in names}
    lines = [_plan_in_words(row) for row in found]
    answer = Response(csv_file(headings, lines, point=","), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="plans.csv"'
    return answer


def _plan_in_words(row: Mapping[str, Any]) -> dict[str, object]:
    return {
        **row,
        "status": words.TALKS[str(row["status"])],
        "talk_at": moment(row["talk_at"]),
        "agreed": words.yes_no(row["agreed"]) if row["agreed"] is not None else "",
        "goals": " | ".join(str(goal.get("goal") or "") for goal in row["goals"]),
    }


def _aside(column: str) -> bool:
    return column.endswith("_name") or column in words.ASIDE - {"cycle", "unit", "person"}


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and (hasattr(value, "as_tuple") or isinstance(value, int | float))
