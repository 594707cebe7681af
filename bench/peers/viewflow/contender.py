"""A child process that runs one process on django-viewflow: a command on each line in, a measured answer on each out.

Runs in the peers' own environment; its first line of input says which database and which nodes there are.
"""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import timedelta
from typing import Any

import django
from django.conf import settings

USER = "leader"


def configure(database: dict[str, Any]) -> None:
    """Django with what viewflow needs and nothing more, as durable as the others."""
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "viewflow", "viewflow.workflow"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        DEBUG=False,
        SECRET_KEY="for the bench only",
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    )
    django.setup()


class Nodes:
    """viewflow's nodes, made of what they were told to be, as its documentation writes them by hand."""

    def __init__(self) -> None:
        from viewflow import this
        from viewflow.workflow import flow

        self._flow, self._this = flow, this

    def _to(self, each: dict[str, Any]) -> Any:
        return getattr(self._this, each["to"])

    def start(self, after: list[dict[str, Any]], _told: dict[str, Any]) -> Any:
        """Begun by a program."""
        return self._flow.StartHandle(self._this.begin).Next(self._to(after[0]))

    def end(self, _after: list[dict[str, Any]], _told: dict[str, Any]) -> Any:
        """The end."""
        return self._flow.End()

    def join(self, after: list[dict[str, Any]], _told: dict[str, Any]) -> Any:
        """All that was split."""
        return self._flow.Join().Next(self._to(after[0]))

    def split(self, after: list[dict[str, Any]], _told: dict[str, Any]) -> Any:
        """All at once."""
        split = self._flow.Split()
        for each in after:
            split = split.Next(self._to(each))
        return split

    def switch(self, after: list[dict[str, Any]], _told: dict[str, Any]) -> Any:
        """The first whose condition holds, else the one without."""
        switch = self._flow.Switch()
        for each in sorted(after, key=lambda each: "if" not in each):
            switch = (
                switch.Case(self._to(each), _condition(each["if"])) if "if" in each else switch.Default(self._to(each))
            )
        return switch

    def task(self, after: list[dict[str, Any]], told: dict[str, Any]) -> Any:
        """Somebody's, with the timers that lie on it."""
        view = self._flow.View(lambda request: None).Assign(username=USER).Next(self._to(after[0]))
        for timer in told["timers"]:
            view = view.OnTimeout(
                timedelta(seconds=timer["seconds"]), self._to(timer), interrupting=timer["interrupts"]
            )
        return view


def _condition(text: str) -> Any:
    compiled = compile(text, "<condition>", "eval")
    return lambda activation: bool(eval(compiled, {}, dict(activation.process.data)))


def _begin(_flow: Any, activation: Any, data: dict[str, Any]) -> Any:
    activation.process.data = data
    return activation.process


def made(nodes: dict[str, Any], postgresql: bool) -> Any:
    """The flow class: one attribute a node."""
    from viewflow.workflow import lock
    from viewflow.workflow.base import Flow

    known = Nodes()
    parts: dict[str, Any] = {name: getattr(known, n["kind"])(n.get("next", []), n) for name, n in nodes.items()}
    parts |= {"begin": _begin, "__module__": "viewflow.workflow.models", "__doc__": "The bench's process."}
    if postgresql:
        parts["lock_impl"] = lock.SelectForUpdateLock()
    return type("BenchFlow", (Flow,), parts)


class Contender:
    """Begins processes and does their tasks."""

    def __init__(self, told: dict[str, Any]) -> None:
        configure(told["database"])
        from django.contrib.auth.models import User
        from django.core.management import call_command
        from viewflow.workflow import models

        call_command("migrate", verbosity=0)
        self._models = models
        self._user = User.objects.create(username=USER)
        self._flow = made(told["nodes"], told["postgresql"])
        models.BenchFlow = self._flow  # where its rows' references to the flow find it again
        self._start = next(name for name, node in told["nodes"].items() if node["kind"] == "start")
        self._told = told
        self._process: Any = None

    def begin(self) -> Any:
        """A new process."""
        start = getattr(self._flow, self._start)
        self._process = start.run(data=dict(self._told["variables"]))

    def next(self) -> int | None:
        """One of its open tasks; not measured."""
        found = self._models.Task.objects.filter(
            process_id=self._process.pk, flow_task_type="HUMAN", finished__isnull=True
        )
        ids = list(found.values_list("pk", flat=True))
        return random.choice(ids) if ids else None

    def step(self, task_id: int) -> None:
        """What a view does when its form is sent: find, lock, may they, keep the answers, go on."""
        from django.db import transaction

        with transaction.atomic():
            task = self._models.Task.objects.get(pk=task_id)
            with _activation(task) as activation:
                if not activation.start.has_perm(self._user):
                    raise PermissionError(task_id)
                activation.start(None)
                activation.process.data.update(self._told["answers"])
                activation.process.save()
                activation.execute()


def _activation(task: Any) -> Any:
    from contextlib import contextmanager

    found = task.activation()
    return found if hasattr(found, "__enter__") else contextmanager(lambda: found)()


def main() -> None:
    """Answer until the input ends."""
    contender = Contender(json.loads(sys.stdin.readline()))
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        task: int | None = None
        if line.strip() == "step":
            task = contender.next()
            if task is None:
                print(json.dumps({"done": True}), flush=True)
                continue
        cpu, wall = time.process_time(), time.perf_counter()
        if task is None:
            contender.begin()
        else:
            contender.step(task)
        answer = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
