"""The command line: the same use cases as the pages and the API, each command one transaction of its own.

What a command needs is imported when that command is run, so that `--help` and `check` answer soon.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, cast

import click

from komp_flow.cli.edge import said
from komp_flow.i18n import speaking
from komp_flow.settings import spoken

# Each command: the module and the name it has there, and what the list of commands says of it.
COMMANDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "serve": ("serving", "serve", "Serve the pages and the API."),
    "worker": ("working", "worker", "Do background work: timers, messages, escalations."),
    "check": ("checking", "check", "Check diagrams and forms; list every problem of every file."),
    "publish": ("diagrams", "publish", "Publish new versions of diagrams and forms."),
    "export": ("diagrams", "export", "Write the published diagrams and forms back as files."),
    "import-organisation": ("people", "import_organisation", "Read units and people from two CSV files."),
    "account": ("people", "account", "Accounts: who may sign in."),
    "role": ("people", "role", "Roles that go beyond the organisation file."),
    "token": ("people", "token", "Bearer tokens for the API."),
    "database": ("upkeep", "database", "The database: upgrade, check, backup, restore."),
    "keys": ("keys", "keys", "The keys of what is written in talks."),
    "erase": ("people", "erase", "Erase all that is written about a person, at once and for good."),
    "audit": ("upkeep", "audit", "The trail of all that has happened."),
    "doctor": ("upkeep", "doctor", "Say what this installation runs on, and what is wrong with it."),
}


class Commands(click.Group):
    """The commands, each imported when it is asked for; whatever goes wrong is told in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of use, not of the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, with all that it needs."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _says = COMMANDS[cmd_name]
        gc.disable()  # nothing that is imported becomes rubbish: looking for it costs a tenth of the time
        try:
            return cast("click.Command", getattr(import_module(f"{__name__}.{module}"), name))
        finally:
            gc.enable()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_module, _name, says) in COMMANDS.items()])

    def main(self, *args: Any, standalone_mode: bool = True, **more: Any) -> Any:
        """As click's own, but a mistake in the command is one line with what to do, and no more."""
        run: Callable[..., Any] = super().main
        if not standalone_mode:
            return run(*args, standalone_mode=False, **more)
        try:
            sys.exit(run(*args, standalone_mode=False, **more) or 0)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else "komp-flow"
            click.echo(f"{_one_line(error.format_message())} See: {path} --help", err=True)
            sys.exit(error.exit_code)
        except click.ClickException as error:
            click.echo(_one_line(error.format_message()), err=True)
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            sys.exit(130)  # as shells say of a command that was interrupted
        except BrokenPipeError:  # `komp-flow check … | head`: nobody listens any more
            sys.stdout = cast("Any", io.StringIO())
            sys.exit(1)


def _one_line(text: str) -> str:
    return " ".join(text.split())


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: komp-flow serve --demo. What may be set by KOMP_FLOW_… stands in the README.",
)
@click.version_option(package_name="komp-flow")
@click.pass_context
@said
def main(context: click.Context) -> None:
    """komp-flow runs an organisation's yearly cycle of strategic competence development."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without æ, ø and å still gets an answer
    context.obj = os.environ
    context.with_resource(speaking(spoken(os.environ)))
