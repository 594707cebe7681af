"""A form that as a whole is one row of a register."""

from __future__ import annotations

from sqlalchemy import select

from engine.drawing import doc, end, flows, start
from engine.storing import fill, job
from komp_flow.engine import SourceFile
from komp_flow.organisation import Subject
from komp_flow.registers.models import Conclusion
from work.conftest import Office
from work.staff import KARI, field, form

TWICE = doc(
    start(),
    job("B6", ext=fill("c")),
    job("B7", ext=fill("c")),
    end(),
    flows("s>B6>B7>e"),
    pid="whole",
)


def test_it_is_kept_once_for_each_step_and_knows_where_it_came_from(office: Office) -> None:
    office.publish(
        SourceFile("whole.bpmn", TWICE),
        form(
            "c",
            field("conclusion", "textarea", properties={"column": "conclusion"}),
            field("agreed", properties={"column": "shared_understanding"}),
            field("beside"),
            register="conclusions",
        ),
    )
    office.start("whole", Subject(unit="it"))
    office.complete(KARI, "B6", {"conclusion": "Klarspråk først", "agreed": "yes", "beside": "x"})
    office.complete(KARI, "B7", {"conclusion": "Klarspråk til slutt"})
    with office.database.reading() as db:
        rows = db.scalars(select(Conclusion).order_by(Conclusion.element)).all()
        assert [(row.element, row.conclusion, row.unit_id, row.by) for row in rows] == [
            ("B6", "Klarspråk først", "it", "kari"),
            ("B7", "Klarspråk til slutt", "it", "kari"),
        ]
        assert (rows[0].shared_understanding, rows[0].extra) == ("yes", {})
