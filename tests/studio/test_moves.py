"""The pages that move what runs, as a browser without JavaScript sees them."""

from __future__ import annotations

from typing import Any

from engine.drawing import doc, end, flows, start, user
from engine.storing import job
from komp_flow import work
from komp_flow.engine import SourceFile
from komp_flow.revising import move_batches
from work.conftest import Office

NEW = doc(start(), user("z", name="Annet"), job("u2", name="Les"), end(), flows("s>z>u2>e"))


def test_from_the_versions_to_a_preview_the_move_and_back(office: Office, owner: Any) -> None:
    def tick() -> None:
        while work.run_due(office.database, office.now, mail=False, also=(move_batches.due,)).more:
            pass

    office.start("p")
    office.publish(SourceFile("p.bpmn", NEW))
    assert "/studio/moves/new?process=p" in owner.get("/studio/processes/p").text
    asked = owner.get("/studio/moves/new?process=p").text
    assert "Send løpene til «Les»" in asked
    assert "Versjon 1: ett løp" in asked
    refused = owner.post("/studio/moves", data={"process": "p", "choice:u1": "send:u2", "why": ""})
    assert refused.status_code == 422
    begun = owner.post("/studio/moves", data={"process": "p", "choice:u1": "send:u2", "why": "Ny utgave"})
    assert begun.status_code == 303
    url = begun.headers["Location"]
    assert 'http-equiv="refresh"' in owner.get(url).text
    tick()
    page = owner.get(url).text
    assert 'http-equiv="refresh"' not in page
    assert "Ett løp flyttes." in page
    assert "1 leder: én oppgave forsvinner" in page
    assert owner.post(f"{url}/run").status_code == 303
    assert owner.post(f"{url}/pause").status_code == 303
    assert "På pause" in owner.get(url).text
    assert owner.post(f"{url}/resume").status_code == 303
    tick()
    assert "Dette er gjort" in owner.get(url).text
    assert url in owner.get("/studio/moves").text
    assert owner.post(f"{url}/undo").status_code == 303
    tick()
    assert "Flyttingen av ett løp er angret." in owner.get(url).text


def test_a_move_that_is_not_there_is_not_found(owner: Any) -> None:
    assert owner.get("/studio/moves/" + "0" * 32).status_code == 404
    assert owner.get("/studio/moves/new?process=nothing").status_code == 404
