"""SpiffWorkflow as its documentation shows it: the whole workflow, its specification inside, kept as JSON each step."""

from __future__ import annotations

import logging
import random
from typing import Any
from uuid import UUID

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from bench import plain
from bench.contenders.bare import connect
from bench.drawing import Process
from bench.places import Place
from bench.series import Timing, timed

TABLES = (
    "CREATE TABLE instance (id INTEGER PRIMARY KEY, version INTEGER, state TEXT)",
    "CREATE TABLE task (id TEXT PRIMARY KEY, instance INTEGER, name TEXT, done INTEGER, done_at TEXT)",
    "CREATE INDEX task_instance ON task (instance, done)",
    "CREATE TABLE timer (id TEXT PRIMARY KEY, instance INTEGER, due TEXT)",
    "CREATE TABLE event (instance INTEGER, kind TEXT, at TEXT, who TEXT)",
)


class Naive:
    """The same tables as anybody would have beside it: tasks and timers to list, and what happened."""

    name = "SpiffWorkflow"

    def __init__(self, place: Place, kind: str, process: Process) -> None:
        logging.getLogger("spiff").setLevel(logging.CRITICAL)
        self._connection = connect(place, kind)
        self._sqlite = kind == "sqlite"
        for statement in TABLES:
            self._connection.execute(statement)
        self._connection.commit()
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(plain.for_spiff(process)))
        self._spec, self._subs = parser.get_spec(process.id), parser.get_subprocess_specs(process.id)
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        self._process = process
        self._at, self._largest = 0, 0

    def _do(self, statement: str, *values: object) -> Any:
        return self._connection.execute(statement if self._sqlite else statement.replace("?", "%s"), values)

    def begin(self) -> Timing:
        """A new workflow, run to its first task."""
        self._at += 1
        with timed() as measured:
            workflow = BpmnWorkflow(self._spec, self._subs)
            workflow.data.update(self._process.variables)
            workflow.task_tree.data.update(self._process.variables)
            workflow.do_engine_steps()
            workflow.refresh_timers()
            if self._sqlite:
                self._do("BEGIN IMMEDIATE")
            self._do("INSERT INTO instance VALUES (?, 0, ?)", self._at, self._serializer.serialize_json(workflow))
            self._note({}, {}, workflow)
            self._connection.commit()
        return measured

    def step(self) -> Timing | None:
        """One of its open tasks."""
        found = self._do("SELECT id FROM task WHERE instance = ? AND done = 0", self._at).fetchall()
        self._connection.commit()
        if not found:
            return None
        task_id = random.choice(found)[0]
        with timed() as measured:
            if self._sqlite:
                self._do("BEGIN IMMEDIATE")
            lock = "" if self._sqlite else " FOR UPDATE"
            version, state = self._do(f"SELECT version, state FROM instance WHERE id = ?{lock}", self._at).fetchone()
            workflow = self._serializer.deserialize_json(state)
            tasks, timers = _tasks(workflow), _timers(workflow)
            task = workflow.get_task_from_id(UUID(task_id))
            task.data.update(self._process.answers)
            task.run()
            workflow.do_engine_steps()
            workflow.refresh_timers()
            state = self._serializer.serialize_json(workflow)
            self._largest = max(self._largest, len(state))
            done = self._do("UPDATE instance SET state = ?, version = version + 1 WHERE id = ? AND version = ?",
                            state, self._at, version)  # fmt: skip
            if done.rowcount != 1:
                raise RuntimeError("the instance has changed meanwhile")
            self._do("UPDATE task SET done = 1, done_at = ? WHERE id = ?", "2027-01-04T08:00:00Z", task_id)
            self._note(tasks, timers, workflow)
            self._connection.commit()
        return measured

    def _note(self, tasks: dict[str, str], timers: dict[str, str], workflow: BpmnWorkflow) -> None:
        for task_id, name in _tasks(workflow).items():
            if task_id not in tasks:
                self._do("INSERT INTO task VALUES (?, ?, ?, 0, NULL)", task_id, self._at, name)
        now = _timers(workflow)
        for task_id in timers.keys() - now.keys():
            self._do("DELETE FROM timer WHERE id = ?", task_id)
        for task_id in now.keys() - timers.keys():
            self._do("INSERT INTO timer VALUES (?, ?, ?)", task_id, self._at, now[task_id])
        self._do("INSERT INTO event VALUES (?, 'complete', ?, 'p10')", self._at, "2027-01-04T08:00:00Z")

    def facts(self) -> dict[str, object]:
        """The largest state that was kept."""
        return {"state": self._largest}

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def _tasks(workflow: BpmnWorkflow) -> dict[str, str]:
    return {str(task.id): task.task_spec.name for task in workflow.get_tasks(state=TaskState.READY, manual=True)}


def _timers(workflow: BpmnWorkflow) -> dict[str, str]:
    waiting = workflow.get_tasks(state=TaskState.WAITING)
    return {str(task.id): str(task.internal_data["event_value"]) for task in waiting
            if "event_value" in task.internal_data}  # fmt: skip
