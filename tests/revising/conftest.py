"""Two process owners at their desks, and something published that they may change."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from engine.drawing import doc, end, flows, gw, start
from engine.storing import fill, job
from komp_flow import work
from komp_flow.engine import SourceFile
from komp_flow.revising import bundle, confirming, drawings, publication
from komp_flow.revising.lines import Checked, Outcome
from work import staff
from work.conftest import Office, office
from work.staff import ADM, EIER
from work.staff import field as asks

__all__ = ["office"]

ROUND = SourceFile(
    "processes/round.bpmn",
    doc(
        start(),
        job("a", ext=fill("asked"), name="Svar"),
        gw("exclusive", "g", default="g_no"),
        job("yes", name="Ja"),
        job("no", name="Nei"),
        end(),
        flows("s>a>g", "g>yes:=wanted", "yes>e", "g>no>e"),
        pid="round",
    ),
)
ASKED = staff.form("asked", staff.required("title"), asks("wanted", "checkbox"))


@dataclass
class Studio:
    """The studio as those who draw know it; each act a transaction of its own."""

    office: Office
    settings: Any = field(default_factory=lambda: SimpleNamespace(second_eyes=False))

    def second_eyes(self) -> None:
        """Require them."""
        self.office.database.info["settings"] = SimpleNamespace(second_eyes=True, files_home=None)

    def draw(self, key: str = "round", kind: str = "diagram", who: Any = EIER) -> UUID:
        return self.office.act(drawings.draw_published, who, kind, key, None)  # type: ignore[no-any-return]

    def text(self, drawing: UUID) -> str:
        return str(self.office.look(drawings.drawing, EIER, drawing).text)

    def change(self, drawing: UUID, old: str, new: str, who: Any = EIER) -> None:
        now = self.office.look(drawings.drawing, who, drawing)
        assert old in now.text
        self.office.act(drawings.save, who, drawing, now.revision, now.text.replace(old, new))

    def look(self, drawing: UUID, *along: UUID) -> Checked:
        return self.office.look(bundle.checked, EIER, drawing, list(along))  # type: ignore[no-any-return]

    def publish(
        self, drawing: UUID, *along: UUID, who: Any = EIER, why: str = "Bedre slik", over: tuple[str, ...] = ()
    ) -> Outcome:
        return self.office.act(publication.publish, who, self.look(drawing, *along), why, over)  # type: ignore[no-any-return]

    def proposal(self, drawing: UUID, who: Any = EIER) -> Any:
        return self.office.look(publication.proposal, who, drawing, None)

    def confirm(self, asked: UUID, who: Any) -> Outcome:
        """As the page does: checked first, then published."""
        drawing, along = self.office.look(confirming.to_confirm, who, asked)
        return self.office.act(publication.confirm, who, asked, self.look(drawing, *along))  # type: ignore[no-any-return]

    def newest(self, process: str = "round") -> Any:
        with self.office.database.reading() as db:
            return next(line for line in work.processes(db) if line.process == process)


@pytest.fixture
def studio(office: Office) -> Studio:
    done = office.act(work.publish, EIER, [ROUND, ASKED], "Til å begynne med")
    assert not done.refused, done.problems
    return Studio(office)


OTHER = ADM
