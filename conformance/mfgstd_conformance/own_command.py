"""Running our own commands from a program as a user runs them from a shell.

The demo shows nothing that a user could not do alone: each step is the real command in a process
of its own, in the language of the reader.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Final

import typer

from mfgstd.language import Text, current

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Seconds that a child is given to end.
_STOPPING: Final = 5.0

#: The longest line of a child that is still read as one.
_LONGEST: Final = 1 << 20

_INDENT: Final = "   "


async def run(
    *arguments: str, show: bool = False, variables: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run ``mfgstd`` with these arguments; its exit code, and its output as one text.

    Args:
        arguments: as on the command line; the language is added.
        show: print every line as it comes, indented.
        variables: environment variables that only this child gets.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "mfgstd",
        "--lang",
        current(),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        # A pipe has the encoding of the locale otherwise, and paths have every letter there is.
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **(variables or {})},
        limit=_LONGEST,
    )
    lines: list[str] = []
    try:
        assert process.stdout is not None  # noqa: S101 - it was asked for just above
        async for line in process.stdout:
            lines.append(line.decode(errors="replace").rstrip())
            if show:
                say(f"{_INDENT}{lines[-1]}")
        await process.wait()
    finally:
        await _end(process)
    return process.returncode or 0, "\n".join(lines)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOPPING)
    except TimeoutError:
        process.kill()
        await process.wait()
    except asyncio.CancelledError:
        process.kill()  # asked twice: no more patience
        raise


def indent(output: str) -> str:
    """The output of a child, moved to the right, so that it is seen whose it is."""
    return "\n".join(f"{_INDENT}{line}" for line in output.strip().splitlines())


def say(text: Text | str) -> None:
    """One line or more to the reader."""
    typer.echo(str(text))
