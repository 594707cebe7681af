"""docs/limits.md says what the code says, names every bound that there is, and each is tried somewhere."""

from __future__ import annotations

import ast
import importlib
import re
from datetime import timedelta
from pathlib import Path

import pytest

from limits import test_inside, test_over_http

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "komp_flow"
PAGE = (ROOT / "docs" / "limits.md").read_text("utf-8")
ROWS = re.findall(r"^\| (?P<what>[^|]+) \| (?P<most>[^|]+) \| `(?P<name>[\w.]+)` \| (?P<at>[^|]+) \|$", PAGE, re.M)
NAME = re.compile(r"(MAX|MOST|LONGEST|LARGEST|DEEPEST|FURTHEST)(_|$)|(^|_)LIMIT$")

# Bounds of our own work, of what is told, or of what is made: nothing from outside meets them.
INSIDE = {
    "diagrams.differences.of_forms.LONGEST_TEXT", "diagrams.words.alone.MOST_PAIRS",
    "diagrams.questions.LONGEST_SHOWN", "diagrams.words.around.MOST_FIELDS", "diagrams.words.names.MOST_LOOKED",
    "diagrams.words.said.LONGEST_NAME", "diagrams.words.said.MOST_LISTED", "diagrams.words.story.MOST_CHAPTERS",
    "diagrams.words.values.MOST_STEPS", "background.queue.AT_MOST_SWEEPS", "background.queue.MOST",
    "background.working.LONGEST_WAIT", "engine.checks.findings.LONGEST", "engine.moving.migrating.PLAN_LIMIT",
    "engine.sandbox.MAX_ANSWER", "engine.sandbox.MAX_JOBS", "files.packages.LONGEST_COMMENT", "pages.LONGEST_CODE",
    "pages.MOST_TYPED", "registers.calendar.FURTHEST", "registers.reading.LONGEST_ID", "revising.blank.LONGEST_KEY",
    "revising.drawings.MOST_REVISIONS", "work.recurring.backlog.MOST_COUNTED", "work.watching.board.MOST_READ_ANEW",
    "work.people.following.LONGEST_PAUSE", "work.people.following.MOST_AT_ONCE", "work.doing.inbox.MOST_LISTS",
    "work.watching.listing.MOST_LISTS",
    "work.watching.overview.MOST_BY_ID", "work.people.staffing.MOST_AT_ONCE", "work.people.standing.MOST_ASKED_BY_NAME",
    "work.recurring.ticking.MOST_ROUNDS",
}  # fmt: skip

# Bounds of what is shown, kept or retried: at them something is cut, counted or left for later, and nobody is refused.
SHOWN = {
    "diagrams.fields_before.MOST_CHOICES", "diagrams.naming.MOST_NAMES", "diagrams.questions.MOST_QUESTIONS",
    "api.people.MOST_CHANGES", "engine.checks.findings.LIMIT", "engine.many.due.GIVEN_UP",
    "engine.stored.instances.REASON_LIMIT",
    "engine.stored.messages.KEPT", "engine.many.starts.LONGEST", "forms.limits.TABLE_ROWS",
    "forms.sight.MOST_EVALUATIONS",
    "inbox.export.AT_A_TIME", "inbox.export.LARGEST", "inbox.queries.MOST_COLLEAGUES", "inbox.talks.LONGEST_DAY",
    "inbox.talks.MOST_ROWS", "monitor.people.MOST_FOUND", "monitor.typed.LONGEST",
    "notifications.letters.LONGEST_NAME", "notifications.digests.MOST_READ", "notifications.mails.PATIENCE",
    "notifications.smtp.LONGEST_REASON", "operations.requests.MOST_FAILURES", "operations.telling.LONGEST_TEXT",
    "registers.context.MOST_SHOWN", "registers.cycles.LONGEST_NAME", "registers.keeping.MOST_ROWS",
    "registers.reading.MOST_WORDS", "registers.tracing.MOST_SHOWN", "revising.bundle.MOST_ALONG",
    "revising.moves.MOST_LISTED", "revising.previewing.MOST_USES", "revising.previewing.MOST_PLACES",
    "revising.texts.LONGEST_KEY", "registers.tracing.MOST_WALKED", "work.doing.inbox.LARGEST_INBOX",
    "work.recurring.mail_room.MOST_AGAIN", "work.recurring.mail_room.MOST_SHOWN", "work.talks.own_plan.MOST",
    "work.watching.part.MOST_DONE",
    "work.texts.readings.MOST", "work.recurring.reminding.FURTHEST", "work.watching.results.KEPT",
    "work.watching.results.MOST_EXPORTED",
    "cli.people.LONGEST_LINE", "feel.numbers.MOST_PLACES", "feel.durations.LONGEST_MONTHS",
    "feel.durations.LONGEST_SECONDS", "feel.times.LONGEST_LITERAL", "engine.checks.child.MEMORY",
}  # fmt: skip

HERE = {*test_inside.EDGES, *test_over_http.EDGES}
TRIED = {
    "api/test_processes.py": {
        "test_too_much_at_once": "app.MAX_BODY", "test_a_files_name_is_only_a_name": "api.bodies.LONGEST_NAME",
    },
    "api/test_export.py": {
        "test_a_section_that_is_too_long_says_so": "work.about_me.MOST",
        "test_too_much_for_one_answer_is_refused": "work.about_me.LARGEST",
    },
    "auth/test_accounts.py": {
        "test_after_five_failures_each_costs_a_wait_that_doubles_to_a_quarter_of_an_hour":
            "auth.accounts.FREE_TRIES auth.accounts.LONGEST_WAIT",
        "test_failures_are_forgotten_after_a_day": "auth.accounts.FORGET_AFTER",
    },
    "auth/test_tokens.py": {"test_a_token_that_makes_no_sense_is_refused": "auth.tokens.LONGEST_DAYS"},
    "auth/test_views.py": {"test_nobody_is_sent_to_another_site": "auth.views.LONGEST_ADDRESS"},
    "cli/test_keys.py": {"test_how_long_is_a_number_of_months": "settings.MOST_MONTHS"},
    "diagrams/test_questions.py": {
        "test_an_answer_that_cannot_be_is_named_and_nothing_is_put_in":
            "diagrams.answers.LONGEST_ANSWER diagrams.answers.LONGEST_WAIT",
    },
    "studio/test_questions.py": {
        "test_wrong_answers_are_told_in_words": "studio.questions.MOST_ANSWERS studio.questions.MOST_VALUES",
    },
    "engine/test_dialect_files.py": {
        "test_a_hostile_file_is_answered_within_five_seconds":
            "engine.checks.batch.SECONDS engine.checks.reading.MAX_NODES",
    },
    "engine/test_gateways.py": {
        "test_going_round_without_waiting_is_an_incident": "engine.memory.loop.PASSES engine.memory.loop.HELD",
        "test_what_multiplies_without_waiting_fails_the_step_in_time":
            "engine.memory.loop.CROWD engine.memory.loop.WORK",
    },
    "feel/test_language.py": {
        "test_five_hundred_characters_may_be_read_and_no_more": "feel.parser.LONGEST",
        "test_two_hundred_nodes_may_be_read_and_no_more": "feel.parser.MOST_NODES",
        "test_deep_nesting_is_refused_and_never_overflows": "feel.parser.DEEPEST",
        "test_too_much_work_is_an_error": "feel.values.STEPS feel.working_days.MOST_WORKING_DAYS",
        "test_long_texts_cannot_be_multiplied": "feel.values.LONGEST_TEXT",
        "test_data_that_is_nested_too_deep_or_too_large_is_an_error": "feel.values.DEEPEST feel.values.MOST_INPUT",
    },
    "files/test_store.py": {
        "test_what_is_too_large_or_empty_leaves_nothing": "forms.attachments.LARGEST",
        "test_a_task_has_room_for_so_much": "files.keeping.MOST_OF_A_TASK files.keeping.LARGEST_OF_A_TASK",
        "test_files_that_nobody_keeps_go_after_seven_days": "files.keeping.KEPT_LOOSE",
    },
    "forms/test_checking.py": {
        "test_the_whole_submission_is_bounded":
            "forms.limits.SUBMISSION forms.limits.NODES forms.limits.ANSWER_DEPTH",
    },
    "forms/test_parsing.py": {"test_what_is_not_json_is_one_clear_problem": "forms.limits.DOCUMENT_BYTES"},
    "forms/test_posted.py": {"test_too_much_at_once_is_refused": "forms.limits.POSTED_FIELDS"},
    "inbox/test_files.py": {
        "test_a_request_that_is_larger_than_any_form_is_refused": "requests.MOST_CARRIED cli.serving.LARGEST_BODY",
    },
    "inbox/test_plan.py": {
        "test_a_comment_that_cannot_be_kept_stays_on_the_page": "work.texts.remarks.LONGEST",
        "test_a_plan_has_room_for_so_many_comments": "work.texts.remarks.MOST",
    },
    "inbox/test_talks.py": {
        "test_a_talk_is_not_moved_to_a_time_that_cannot_be": "work.talks.by_hand.FURTHEST",
        "test_times_that_cannot_be_are_not_suggested": "inbox.talks.FURTHEST",
    },
    "limits/test_inside.py": {
        "test_timers_have_a_minute_between": "engine.memory.timers.LEAST",
        "test_an_instance_that_has_grown_too_large_is_not_saved": "engine.memory.codec.MAX_STATE",
        "test_timers_that_are_due_beyond_a_step_fire_at_the_next_tick": "engine.memory.actions.FIRINGS",
        "test_the_trail_holds_no_content": "audit.DETAIL_LIMIT",
        "test_a_files_name_is_cut_and_keeps_its_ending": "files.names.LONGEST",
        "test_rows_and_lines_of_a_file_are_counted":
            "organisation.csv_files.MAX_ROWS organisation.csv_files.MAX_LINES",
    },
    "limits/test_over_http.py": {
        "test_ids_that_no_column_holds_are_not_found":
            "api.processes.LARGEST_NUMBER work.people.substitutes.LARGEST_ID",
        "test_so_many_diagrams_at_once_are_read_whole_and_no_more": "api.bodies.MOST_SOURCES",
        "test_a_page_takes_so_many_fields_and_so_much": "app.MAX_TYPED app.MAX_PARTS",
        "test_the_organisations_files_are_read_whole_or_refused": "organisation.csv_files.MAX_BYTES",
        "test_a_request_brings_so_many_files": "requests.MOST_FILES",
    },
    "limits/test_people.py": {
        "test_somebody_steps_in_for_a_year_and_no_longer": "organisation.commands.LONGEST_SUBSTITUTION",
        "test_talks_are_handed_over_with_a_reason_of_so_many_letters": "organisation.handing.LONGEST_REASON",
        "test_a_closed_unit_goes_on_in_so_many_others":
            "work.people.mapping.MOST_UNITS work.people.mapping.LONGEST_REASON",
        "test_so_many_instances_are_started_together": "work.running.steering.MOST_STARTED",
        "test_a_password_has_so_many_letters": "auth.accounts.LONGEST",
        "test_an_archive_holds_so_much":
            "files.packages.MOST_ENTRIES files.packages.LARGEST_DIRECTORY files.packages.LARGEST_UNPACKED "
            "files.packages.LARGEST_LIST",
    },
    "notifications/test_delivery.py": {
        "test_one_refused_for_now_is_tried_later_and_later_and_then_given_up": "notifications.mails.MOST_ATTEMPTS",
        "test_a_server_that_does_not_answer_is_hung_up_on": "notifications.smtp.WHOLE",
    },
    "notifications/test_digests.py": {"test_it_has_a_bounded_number_of_lines": "notifications.digests.MOST_LINES"},
    "revising/test_moving.py": {
        "test_only_process_owners_move_and_nothing_is_moved_without_a_reason": "revising.moving.LONGEST_REASON",
    },
    "revising/test_drawings.py": {
        "test_the_studio_holds_a_bounded_number_of_drawings": "revising.drawings.MOST_DRAWINGS",
        "test_a_poisoned_file_is_refused_with_a_sentence_and_nothing_is_made":
            "revising.texts.MOST_DRAWN revising.texts.LONGEST_LABEL revising.texts.DEEPEST_FORM",
        "test_what_has_no_name_is_not_begun": "revising.texts.LONGEST_NAME",
    },
    "studio/test_pages.py": {
        "test_a_text_that_is_too_large_is_refused_and_the_drawing_stands": "studio.sent.MOST_SENT",
        "test_what_nobody_has_published_is_not_found": "studio.answers.LARGEST_NUMBER",
    },
    "work/test_erasing.py": {"test_a_reason_is_asked_for_and_bounded": "work.texts.erasing.LONGEST_REASON"},
    "work/test_once.py": {"test_a_key_is_kept_for_a_day": "work.once.KEPT"},
}  # fmt: skip


def constants() -> dict[str, object]:
    """Every number and every length of time that a module names, by `module.NAME`."""
    found: dict[str, object] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        for name in _named(ast.parse(path.read_text("utf-8"))):
            if module.startswith("demo") or name.startswith("_") or not NAME.search(name):
                continue
            value = getattr(importlib.import_module(f"komp_flow.{module}"), name)
            if isinstance(value, int | float | timedelta):
                found[f"{module}.{name}"] = value
    return found


def _named(tree: ast.Module) -> list[str]:
    """The names that the module itself gives, not those that it imports."""
    targets: list[ast.expr] = []
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AnnAssign):
            targets.append(node.target)
    names = [part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return [name.id for name in names if isinstance(name, ast.Name)]


def told(value: object) -> set[str]:
    """How the page may write a value."""
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        return {f"{seconds // 86400:,} days", f"{seconds // 3600} hours", f"{seconds // 60} minutes"}
    assert isinstance(value, int | float)
    ways = {f"{value:,}", f"{value:g}"}
    if isinstance(value, int) and value and not value % 1024:
        ways |= {f"{value // 1024} kB", f"{value // 1024 // 1024} MB"}
    return ways


@pytest.mark.parametrize(("what", "most", "name", "at"), ROWS)
def test_the_page_has_the_codes_figure(what: str, most: str, name: str, at: str) -> None:
    module, _dot, constant = name.rpartition(".")
    value = getattr(importlib.import_module(f"komp_flow.{module}"), constant)
    figure = " ".join(most.split(" ")[:2]) if isinstance(value, timedelta) or "B" in most else most.split(" ", 1)[0]
    assert figure in told(value), f"{what}: the page says {most}, the code {value}"
    assert at.strip()


def test_the_page_lists_every_bound() -> None:
    listed = {name for _what, _most, name, _at in ROWS}
    assert len(listed) == len(ROWS), "none twice"
    assert constants().keys() - listed - INSIDE == set()
    assert INSIDE - constants().keys() == set(), "gone"
    assert listed & INSIDE == set()


def test_each_bound_is_tried() -> None:
    elsewhere = {name for tests in TRIED.values() for names in tests.values() for name in names.split()}
    listed = {name for _what, _most, name, _at in ROWS}
    assert listed - SHOWN - HERE - elsewhere == set(), "nobody tries these"
    assert (HERE | elsewhere | SHOWN) - listed == set(), "the page does not have these"


@pytest.mark.parametrize("file", TRIED)
def test_the_tests_that_try_them_are_there(file: str) -> None:
    written = (ROOT / "tests" / file).read_text("utf-8")
    assert [test for test in TRIED[file] if f"def {test}(" not in written] == []
