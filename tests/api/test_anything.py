"""Calls that schemathesis makes from the description, right and wrong ones: none is a fault, all answers fit it."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from api.conftest import Office, Program
from api.test_spec import TABLE
from komp_flow import work
from registers.seeding import chain, cycle

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
EXAMPLES = 8  # of each operation and kind; more by hand


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name.lower())
def test_no_call_is_a_fault_and_every_answer_is_as_described(
    office: Office, owner: Program, kari: Program, instance: str, task: str, mode: GenerationMode
) -> None:
    with office.database.transaction() as db:
        cycle(db, office.now)
        chain(db, office.now)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # schemathesis and its parts have their own
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", office.app)
        called = [_called(found.ok(), owner, kari, instance, task, mode) for found in schema.get_all_operations()]
    assert len(called) == len(set(TABLE.strip().splitlines()))


def _called(operation: Any, owner: Program, kari: Program, instance: str, task: str, mode: GenerationMode) -> str:
    known = {"task_id": task, "instance_id": instance, "process": "p", "number": 1, "row_id": "central"}
    secret = kari.secret if "task" in operation.path else owner.secret
    counted = iter(range(1_000_000))

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    def call(case: Any) -> None:
        found = next(counted) % 3 and case.path_parameters
        if found:  # mostly things that are there
            case.path_parameters.update({name: known.get(name, value) for name, value in case.path_parameters.items()})
        answer = case.call(headers={"Authorization": f"Bearer {secret}"})
        wrong = bool(case.meta and case.meta.generation.mode == GenerationMode.NEGATIVE and not found)
        case.validate_response(answer, checks=[*CHECKS, negative_data_rejection] if wrong else list(CHECKS))

    call()
    return str(operation.label)


@pytest.mark.parametrize("answer", ["raises", {"id": "7"}])
def test_a_fault_that_is_planted_is_found(
    office: Office,
    owner: Program,
    kari: Program,
    instance: str,
    task: str,
    answer: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def planted(*_arguments: object) -> Any:
        if answer == "raises":
            raise LookupError
        return answer

    monkeypatch.setattr(work, "claim", planted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", office.app)
        claim = schema["/api/v1/tasks/{task_id}/claim"]["POST"]
        with pytest.raises((FailureGroup, Failure)):
            _called(claim, owner, kari, instance, task, GenerationMode.POSITIVE)
