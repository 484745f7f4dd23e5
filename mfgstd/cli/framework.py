"""What the command-line framework says by itself, in Korean, and no wider than the terminal.

Its help and its usage errors are English. Their few fixed sentences are replaced in the finished
text, so nothing of the framework is touched; a sentence that it words anew stays English.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Final

from mfgstd.cli.output import width

if TYPE_CHECKING:
    from collections.abc import Iterator

# In their order: of two that fit, the first counts.
_SENTENCES: Final = tuple(
    (re.compile(pattern, re.MULTILINE), korean)
    for pattern, korean in (
        (r"^Usage: ", "사용법: "),
        (r"^Arguments:$", "인자:"),
        (r"^Options:$", "옵션:"),
        (r"^Commands:$", "명령:"),
        (r"Show\s+this\s+message\s+and\s+exit\.", "이 도움말을 출력하고 끝냅니다."),
        (r"\[required\]", "[필수]"),
        (r"\[default:", "[기본값:"),
        (r"^Try '(.+)' for help\.$", r"`\1`에서 도움말을 볼 수 있습니다."),
        (r"^Error: ", "오류: "),
        (r"Missing command\.", "명령이 없습니다."),
        (r"Missing argument '(.+)'\.", r"'\1' 인자가 없습니다."),
        (r"Missing option '(.+)'\.", r"'\1' 옵션이 없습니다."),
        (r"No such command '(.+)'\.", r"'\1' 명령이 없습니다."),
        (r"No such option: (\S+)", r"\1 옵션은 없습니다."),
        (r"\(Possible options: (.+)\)", r"다음 중 하나인가요? \1"),
        (r"Option '(.+)' requires an argument\.", r"'\1' 옵션에는 값이 필요합니다."),
        (r"Option '(.+)' does not take a value\.", r"'\1' 옵션은 값을 받지 않습니다."),
        (r"Did you mean (.+)\?", r"다음 중 하나인가요? \1"),
        (r"Got unexpected extra argument(?:s|\(s\))? \((.+)\)", r"필요 없는 인자가 있습니다: \1"),
        (r"Invalid value for (.+?): ", r"\1의 값이 올바르지 않습니다: "),
        (r"Input should be a valid integer.*$", "정수를 쓰십시오."),
        (r"Input should be a valid number.*$", "숫자를 쓰십시오."),
        (r"Input should be greater than or equal to (\S+)$", r"\1 이상이어야 합니다."),
        (r"Input should be less than or equal to (\S+)$", r"\1 이하여야 합니다."),
    )
)
_ROW: Final = re.compile(r"  \S.*?\s{2,}(?=\S)")


def translated(text: str) -> str:
    """The framework's fixed sentences in Korean; what is ours stays as it is."""
    for pattern, korean in _SENTENCES:
        text = pattern.sub(korean, text)
    return text


def usage_error(error: Any) -> str:
    """What the framework would print of one of its usage errors, in Korean."""
    shown = io.StringIO()
    error.show(shown)
    return translated(shown.getvalue())


def in_korean(command: Any) -> Any:
    """The command, whose help and that of its subcommands is Korean from now on."""
    context = command.context_class
    if not hasattr(context.formatter_class, "korean"):
        formatter = type(
            "Formatter",
            (context.formatter_class,),
            {"korean": True, "getvalue": _getvalue(context.formatter_class)},
        )
        command.context_class = type("Context", (context,), {"formatter_class": formatter})
    for each in getattr(command, "commands", {}).values():
        in_korean(each)
    return command


def _getvalue(base: Any) -> Any:
    def getvalue(self: Any) -> str:
        text = translated(base.getvalue(self))
        return "".join(f"{line}\n" for line in _narrowed(text.splitlines(), self.width))

    return getvalue


def _narrowed(lines: list[str], columns: int) -> Iterator[str]:
    """The lines filled anew: the framework counts characters, and Hangul takes two columns."""
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        row = _ROW.match(line)
        head = row[0] if row else re.match(" *", line)[0]  # type: ignore[index]  # always matches
        words = line[len(head) :].split(" ")
        indent = " " * width(head)
        while at < len(lines) and _goes_on(lines[at], indent):
            words += lines[at].strip().split(" ")
            at += 1
        yield from _filled(head, indent, words, columns)


def _goes_on(line: str, indent: str) -> bool:
    """Whether a line belongs to the paragraph before it."""
    begins = len(line) - len(line.lstrip())
    return bool(indent) and bool(line.strip()) and begins == len(indent) and not _ROW.match(line)


def _filled(head: str, indent: str, words: list[str], columns: int) -> Iterator[str]:
    line = head + words[0]
    for word in words[1:]:
        if width(line) + 1 + width(word) > columns:
            yield line.rstrip()
            line = indent + word
        elif line != indent:
            line += f" {word}"
        else:
            # Two spaces set a remark apart, but not at the beginning of a line.
            line += word
    yield line.rstrip()
