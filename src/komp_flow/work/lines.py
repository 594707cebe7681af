"""What the use cases hand to pages, the API and the command line: plain, frozen, ready to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

if TYPE_CHECKING:
    from komp_flow import forms

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; `total` counts the whole of it. Pages begin at 1."""

    items: tuple[T, ...]
    total: int
    page: int = 1
    page_size: int = 50

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.page_size))


@dataclass(frozen=True)
class TaskFilters:
    """What `GET /tasks` may be narrowed by; None does not narrow. `mine`: only the caller's inbox."""

    state: str | None = None
    role: str | None = None
    unit: str | None = None
    cycle: str | None = None
    process: str | None = None
    instance: UUID | None = None
    due_before: datetime | None = None
    assignee: str | None = None
    mine: bool = False


@dataclass(frozen=True)
class TaskLine:
    """A task as it stands in a list. `why` says why it is the reader's; empty when it is not."""

    id: UUID
    element: str
    name: str
    process: str
    process_name: str
    instance: UUID
    state: str  # open, completed, cancelled
    unit: str | None
    unit_name: str | None
    person: str | None
    person_name: str | None
    measure: str | None
    cycle: str | None
    cycle_name: str | None
    role: str | None  # the role by which the reader has it, else the first that the diagram names
    roles: tuple[str, ...]
    due_at: datetime | None
    follow_up_at: datetime | None
    overdue: bool
    why: str
    assignee: str | None
    claimed_by: str | None
    claimed_by_name: str | None
    phase: str | None
    escalation: int
    form: str | None
    created_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    draft_at: datetime | None = None  # when a draft was last kept, if there is one
    suspended: bool = False  # the whole instance rests


@dataclass(frozen=True)
class Draft:
    """What someone has typed so far. `version` goes up by one for each save; 0 is nothing saved yet.

    `aside`: what fields held that the form has not any more, by the form version that had them.
    """

    values: Mapping[str, object]
    version: int = 0
    edited_by: str | None = None
    edited_by_name: str | None = None
    edited_at: datetime | None = None
    aside: tuple[tuple[UUID, Mapping[str, object]], ...] = ()


@dataclass(frozen=True)
class May:
    """What the reader may do with the task now."""

    complete: bool = False
    claim: bool = False
    release: bool = False
    delegate: bool = False
    draft: bool = False
    share: bool = False  # let the other of the two read these notes
    hand_over: bool = False  # give the talks of the one it is about to another manager


@dataclass(frozen=True)
class ReadingLine:
    """That somebody read a text about the person, once a day."""

    reader: str
    reader_name: str | None
    task: UUID
    task_name: str
    cycle: str | None
    cycle_name: str | None
    day: date
    first_at: datetime


@dataclass(frozen=True)
class Privacy:
    """Who reads what is written in a task about a person, for the one who has it open."""

    own: bool  # notes: the author's alone until they are shared
    reads: bool  # whether the reader is one of the two
    stands_in: bool  # has the task only because nobody else is there, and sees no text
    readers: tuple[str, ...]  # the names of those who may read what is sent
    shared_at: datetime | None = None
    other: str | None = None  # with whom notes are shared: the employee's name, or null for the manager
    readings: tuple[ReadingLine, ...] = ()  # who has read it, told to the one it is about
    to_discussion: bool = False  # something in the form is meant for the unit's discussion, and read there


@dataclass(frozen=True)
class TaskSheet:
    """A task as it is opened: its form, what the form shows, what was typed, and what happens next."""

    line: TaskLine
    form: forms.Form | None  # None: the task has no form and is only ticked off
    context: Mapping[str, object]  # what the form reads as `context`
    names: Mapping[str, object]  # the instance's variables and cycle, unit, person, measure, deadline, escalation
    draft: Draft
    answers: Mapping[str, object] | None  # what was sent, when the task is completed and the reader may see it
    why: str
    next: str
    guidance: str | None  # the id of a guidance text
    may: May
    holders: tuple[str, ...] = ()  # names of those who have it now
    privacy: Privacy | None = None  # of a task about a person


@dataclass(frozen=True)
class Done:
    """A completed task, and what the same person has next."""

    task_id: UUID
    instance_id: UUID
    next: tuple[TaskLine, ...]


@dataclass(frozen=True)
class InstanceLine:
    """An instance as it stands in a list."""

    id: UUID
    process: str
    process_name: str
    version: int
    state: str  # active, suspended, completed, cancelled, incident
    unit: str | None
    unit_name: str | None
    person: str | None
    person_name: str | None
    measure: str | None
    cycle: str | None
    cycle_name: str | None
    phase: str | None
    escalation: int
    started_at: datetime
    started_by: str | None
    ended_at: datetime | None


@dataclass(frozen=True)
class TimerLine:
    """A timer that waits; `due` is None while its time is not known or the instance rests."""

    element: str
    name: str
    due: datetime | None


@dataclass(frozen=True)
class TrailLine:
    """One event of the trail; `sentence` says it in the reader's language."""

    at: datetime
    what: str
    element: str | None
    by: str | None
    on_behalf_of: str | None
    sentence: str


@dataclass(frozen=True)
class IncidentLine:
    """Why an instance could not go on, and since when."""

    id: UUID
    element: str | None
    kind: str
    text: str
    opened_at: datetime


@dataclass(frozen=True)
class Marks:
    """Element ids by what to paint them as on the diagram."""

    done: tuple[str, ...] = ()
    here: tuple[str, ...] = ()
    late: tuple[str, ...] = ()


@dataclass(frozen=True)
class InstanceActions:
    """What the reader may do with the instance now."""

    suspend: bool = False
    resume: bool = False
    cancel: bool = False
    retry: bool = False


@dataclass(frozen=True)
class InstanceSheet:
    """An instance on its diagram, with its open tasks, its timers and its trail in words."""

    line: InstanceLine
    variables: Mapping[str, object]
    tasks: tuple[TaskLine, ...]  # the open ones
    timers: tuple[TimerLine, ...]
    trail: tuple[TrailLine, ...]  # oldest first
    incidents: tuple[IncidentLine, ...]  # the open ones
    marks: Marks
    xml: str
    may: InstanceActions

    @property
    def id(self) -> UUID:
        """The instance."""
        return self.line.id

    @property
    def subject(self) -> dict[str, str]:
        """What it is about: `unit`, `person`, `measure`, `cycle`, those that are set."""
        line = self.line
        pairs = (("unit", line.unit), ("person", line.person), ("measure", line.measure), ("cycle", line.cycle))
        return {name: value for name, value in pairs if value is not None}


@dataclass(frozen=True)
class BoardPhase:
    """A column of the board."""

    id: str
    name: str


@dataclass(frozen=True)
class BoardCell:
    """One unit in one phase. `status` is `not-started`, `under-way`, `done` or `late`; `label` is it in words."""

    phase: str
    status: str
    label: str
    due_at: datetime | None = None
    overdue: int = 0  # open tasks past their due date
    open: int = 0


@dataclass(frozen=True)
class BoardRow:
    """One unit of the board, in the order of the tree; `depth` 0 is the top."""

    unit: str
    unit_name: str
    depth: int
    manager_name: str | None
    instance: UUID | None
    state: str | None  # the instance's; None when nothing was started
    cells: tuple[BoardCell, ...]
    overdue: int
    escalation: int


@dataclass(frozen=True)
class Board:
    """Units × phases of one cycle, with the sums of all that HR asks first. `rows` are a page of them."""

    cycle: str
    cycle_name: str
    phases: tuple[BoardPhase, ...]
    rows: tuple[BoardRow, ...]
    deadlines: Mapping[str, object] = field(default_factory=dict)
    totals: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # phase → status → units
    units: int = 0
    overdue: int = 0  # units that are late with something
    escalated: int = 0
    page: int = 1
    pages: int = 1


@dataclass(frozen=True)
class VersionLine:
    """One published version of a process, or with `kind` form of the form whose id `process` then is."""

    id: UUID
    process: str
    number: int
    name: str
    published_at: datetime
    published_by: str | None
    why: str
    active: int = 0  # instances that run on it
    xml: str | None = None
    forms: Mapping[str, int] = field(default_factory=dict)  # form id → its version's number
    kind: str = "process"  # process, form


@dataclass(frozen=True)
class ProcessLine:
    """A process with its newest version."""

    process: str
    name: str
    number: int
    published_at: datetime
    active: int


@dataclass(frozen=True)
class CycleLine:
    """A cycle: `dates` in the calendar's order, None until known; `settings` as they stand."""

    id: str
    name: str
    state: str  # planned, active, closed
    start: object
    end: object
    decided_on: object
    dates: Mapping[str, object]
    settings: Mapping[str, object]
    distributed_at: object = None  # the moment from which everyone may read the decision
    instance: UUID | None = None  # the one that leads it


@dataclass(frozen=True)
class Moved:
    """How many due dates and waiting timers a new date moved, and the date as it was kept (a working day).

    `left` instances follow in the background.
    """

    tasks: int
    timers: int
    date: object = None
    left: int = 0


@dataclass(frozen=True)
class Ran:
    """What one tick did: rows that were applied, rows that failed and will be tried again or wait for a person."""

    done: int = 0
    failed: int = 0
    started: int = 0  # instances that were asked for and have begun
    more: bool = False  # something is still due


@dataclass(frozen=True)
class Answer:
    """What `once` gives back: the same status and body for a repeat."""

    status: int
    body: object
    repeated: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


Lines = Sequence[TaskLine]
