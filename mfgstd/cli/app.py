"""The frame of the command line: which commands there are, and what becomes of their errors.

A command's module is imported when the command is invoked, not before; the help lists commands
from a table. Commands of the shelves come in by entry points (group ``mfgstd.commands``).
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import typer
from typer.core import TyperGroup

from mfgstd.cli.output import fail, fail_internally, prepare_streams
from mfgstd.cli.stopping import stopped_cleanly
from mfgstd.errors import MfgStdError, UsageError
from mfgstd.finding import show
from mfgstd.language import LANGUAGES, Text, choose, current

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.metadata import EntryPoint

GROUP: Final = "mfgstd.commands"

#: What a shell reports of a program that was ended by the signal of a closed pipe or Ctrl-C.
_BROKEN_PIPE: Final = 141
_INTERRUPTED: Final = 130

#: What the system says of an output (a disk, a device, a quota) that takes no more.
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


class _Command(NamedTuple):
    """Where a built-in command lives, and its one line in the list."""

    module: str
    attribute: str
    help: Text


_BUILT_IN: Final = {
    "validate": _Command(
        "mfgstd.cli.validate",
        "validate",
        Text(
            "Check files against the standard and say what is wrong, and where.",
            "파일이 표준에 맞는지 검사하고 문제와 그 위치를 알려 줍니다.",
        ),
    ),
    "schema": _Command(
        "mfgstd.cli.schema",
        "app",
        Text("List, show and check the schemas.", "스키마의 목록과 내용을 보고 점검합니다."),
    ),
    "rules": _Command(
        "mfgstd.cli.rules",
        "app",
        Text(
            "List, show and check the rules that schemas cannot say.",
            "스키마로 나타낼 수 없는 규칙의 목록과 내용을 보고 점검합니다.",
        ),
    ),
    "generate": _Command(
        "mfgstd.cli.generate",
        "generate",
        Text(
            "Generate the models and columns from the schemas.",
            "스키마에서 모델과 열 정의를 생성합니다.",
        ),
    ),
    "adapters": _Command(
        "mfgstd.cli.adapters",
        "adapters",
        Text("List the installed adapters.", "설치된 어댑터의 목록을 봅니다."),
    ),
    "collect": _Command(
        "mfgstd.cli.collect",
        "collect",
        Text(
            "Collect from a machine, a file or an agent into standard data.",
            "설비, 파일, 에이전트에서 표준 데이터를 수집합니다.",
        ),
    ),
}

#: One line for each command that our own shelves contribute; importing them only for it is dear.
_CONTRIBUTED: Final = {
    "conform": Text(
        "Judge whether a product speaks the standard, and certify it.",
        "제품이 표준을 따르는지 시험하고 인증합니다.",
    ),
    "demo": Text(
        "Run a small simulated machine shop, collect from it, judge and certify.",
        "작은 모의 공장의 데이터를 수집하고 판정, 인증까지 해 봅니다.",
    ),
    "simulate": Text(
        "Run simulated machines that speak real protocols.",
        "실제 프로토콜로 통신하는 모의 설비를 실행합니다.",
    ),
}

_ABOUT: Final = Text(
    "One manufacturing data standard, the adapters into it, and the judge of both.",
    "하나의 제조 데이터 표준과 그 어댑터, 그리고 둘의 적합성을 판정하는 도구입니다.",
)


def _entry_points(name: str | None = None) -> list[EntryPoint]:
    from importlib.metadata import entry_points

    found = entry_points(group=GROUP) if name is None else entry_points(group=GROUP, name=name)
    return sorted(found, key=lambda each: each.name)


class _Commands(TyperGroup):
    """The commands by name; each is imported when it is invoked."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, the built-in ones first."""
        del ctx
        contributed = [each.name for each in _entry_points() if each.name not in _BUILT_IN]
        return [*_BUILT_IN, *contributed]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command itself, imported now; ``None`` if there is none of that name."""
        del ctx
        if command := _BUILT_IN.get(cmd_name):
            from importlib import import_module

            module = import_module(command.module)
            return _spoken(_as_command(cmd_name, getattr(module, command.attribute), command.help))
        for each in _entry_points(cmd_name):
            return _spoken(_as_command(cmd_name, each.load(), _CONTRIBUTED.get(cmd_name)))
        return None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As inherited, but a name that is not there is answered in the user's language."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in self.list_commands(ctx):
            from difflib import get_close_matches

            near = ", ".join(get_close_matches(name, self.list_commands(ctx), n=3))
            raise UsageError(
                Text(f"There is no command {show(name)}.", f"{show(name)} 명령이 없습니다."),
                hint=Text(f"Did you mean: {near}?", f"다음 중 하나인가요? {near}")
                if near
                else Text("`mfgstd --help` lists them.", "`mfgstd --help`로 명령 목록을 보십시오."),
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list of commands, without importing any of them."""
        with formatter.section(str(Text("Commands", "명령"))):
            formatter.write_dl([(name, str(_one_line(name))) for name in self.list_commands(ctx)])


def _one_line(name: str) -> Text:
    if command := _BUILT_IN.get(name):
        return command.help
    stranger = Text("From another installed package.", "설치된 다른 패키지의 명령입니다.")
    return _CONTRIBUTED.get(name, stranger)


def _as_command(name: str, target: Any, one_line: Text | None) -> Any:
    """A Typer app or a plain function, as the command of its name."""
    if isinstance(target, typer.Typer):
        app = target
        if one_line and not app.info.help:
            app.info.help = str(one_line)
        command = typer.main.get_command(app)
    else:
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(name, help=_help(target, one_line))(target)
        command = typer.main.get_command(app)
    command.name = name
    return command


def _spoken(command: Any) -> Any:
    """The command, with the framework's own words in the user's language."""
    if current() != "ko":
        return command
    from mfgstd.cli.framework import in_korean

    return in_korean(command)


def _help(target: Any, one_line: Text | None) -> str | None:
    """The command's own ``HELP`` pair; else its docstring, or the one line for Korean readers."""
    own = getattr(sys.modules.get(target.__module__), "HELP", None)
    if isinstance(own, Text):
        return str(own)
    return one_line.ko if one_line and current() == "ko" else None


def _frame() -> typer.Typer:
    app = typer.Typer(
        cls=_Commands,
        # Rich help costs more start-up time than everything else together.
        rich_markup_mode=None,
        add_completion=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["--help", "-h"]},
    )

    @app.callback(help=str(_ABOUT), invoke_without_command=False)
    def frame(
        version: bool = typer.Option(
            False,
            "--version",
            "-V",
            help=str(Text("Print the version and leave.", "버전을 출력하고 끝냅니다.")),
        ),
        lang: str = typer.Option(
            "",
            "--lang",
            metavar="ko|en",
            help=str(
                Text(
                    "The language of all messages (default: the locale's).",
                    "모든 메시지의 언어입니다(기본값: 로캘의 언어).",
                )
            ),
        ),
    ) -> None:
        pass

    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit code and lets no exception out."""
    prepare_streams()
    try:
        with stopped_cleanly():
            code = _run(list(arguments))
        sys.stdout.flush()
    except MfgStdError as error:
        fail(error)
        return error.exit_code
    except BrokenPipeError:
        return _leave_pipe()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _FULL and error.filename is None:
            return _leave_full(error)
        from mfgstd.engine import was_interrupted

        if was_interrupted(error):
            return _INTERRUPTED
        if os.environ.get("MFGSTD_DEBUG") == "1":
            raise
        fail_internally(error)
        return 4
    return code


def _run(arguments: list[str]) -> int:
    rest = _take_language(arguments)
    if rest[:1] in (["--version"], ["-V"]):
        from mfgstd._version import __version__

        typer.echo(f"mfgstd {__version__}")
        return 0
    command = _spoken(typer.main.get_command(_frame()))
    try:
        result = command.main(args=rest, prog_name="mfgstd", standalone_mode=False)
    except typer.Abort:
        return _INTERRUPTED
    except typer.Exit as leaving:
        return int(leaving.exit_code)
    except SystemExit as leaving:
        # The framework makes a plain exit of a closed pipe.
        if isinstance(leaving.__context__, BrokenPipeError):
            return _leave_pipe()
        return _exit_code(leaving.code)
    except Exception as error:
        # Usage errors of the framework know how to show themselves, and their exit code.
        if (showing := getattr(error, "show", None)) and hasattr(error, "exit_code"):
            if current() == "ko":
                from mfgstd.cli.framework import usage_error

                sys.stderr.write(usage_error(error))
            else:
                showing()
            return int(error.exit_code)
        raise
    return _exit_code(result)


def _exit_code(result: object) -> int:
    return result if isinstance(result, int) and not isinstance(result, bool) else 0


def _take_language(arguments: list[str]) -> list[str]:
    """Apply ``--lang`` wherever it stands before ``--``, and return the other arguments."""
    rest: list[str] = []
    waiting = iter(arguments)
    for each in waiting:
        if each == "--":
            rest.extend([each, *waiting])
        elif each == "--lang":
            _choose(next(waiting, ""))
        elif each.startswith("--lang="):
            _choose(each.removeprefix("--lang="))
        else:
            rest.append(each)
    return rest


def _choose(given: str) -> None:
    for language in LANGUAGES:
        if given == language:
            choose(language)
            return
    raise UsageError(
        Text(
            f"--lang must be ko or en, not {show(given)}.",
            f"--lang에는 ko 또는 en을 써야 합니다: {show(given)}.",
        )
    )


def _leave_full(error: OSError) -> int:
    """The place where our output goes takes no more: say so where the user still can read it."""
    why = os.strerror(error.errno or 0)
    with contextlib.suppress(OSError):
        fail(
            UsageError(
                Text(
                    f"The output cannot be written: {why}.",
                    f"출력을 쓸 수 없습니다: {why}.",
                )
            )
        )
    _leave_pipe()
    return UsageError.exit_code


def _leave_pipe() -> int:
    """The reader of our output has gone (``| head``): nothing more can be said to anybody."""
    with contextlib.suppress(OSError):
        # Else the interpreter would complain while it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return _BROKEN_PIPE
