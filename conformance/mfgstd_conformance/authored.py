"""Reading the YAML that people write for the judge, more strictly than YAML itself.

YAML 1.1 keeps the last of two equal keys, turns ``no`` into false and ``2026-01-01`` into a
date, and lets aliases grow a small file into gigabytes. A normative sentence must not depend on
any of that: equal keys and aliases are errors, and a plain scalar is a string unless it is an
integer, ``true``, ``false`` or ``null``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd_conformance import formats
from mfgstd_conformance.errors import RegistryError

if TYPE_CHECKING:
    from pathlib import Path

_SIZE_LIMIT: Final = 4 * 1024 * 1024

_TAG: Final = "tag:yaml.org,2002:"


# libyaml reads our files ten times as fast; where a wheel lacks it, Python reads the same.
_Base: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Strict(_Base):  # type: ignore[misc]  # either class; both have what is used here
    """The safe loader, without guesses and without equal keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == f"{_TAG}merge":
                raise yaml.MarkedYAMLError(
                    problem="a key must be a plain word", problem_mark=key.start_mark
                )
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} stands here twice",
                    problem_mark=key.start_mark,
                )
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


_Strict.yaml_implicit_resolvers = {}
for _name, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("null", r"^null$", "n"),
):
    _Strict.add_implicit_resolver(f"{_TAG}{_name}", re.compile(_pattern), list(_first))


def read(path: Path, format_name: str) -> Any:
    """One YAML file as JSON values, checked against one of our formats.

    Raises:
        RegistryError: not readable, not strict YAML, or not of that format; with the line.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_SIZE_LIMIT + 1)
        text = data.decode("utf-8")
        if len(data) > _SIZE_LIMIT:
            raise _wrong(path, None, "the file is longer than 4 MiB")
        for event in yaml.parse(text, Loader=_Strict):
            if isinstance(event, yaml.AliasEvent):
                mark: Any = event.start_mark  # libyaml's or Python's: both have a line
                raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=mark)
        value = yaml.load(text, Loader=_Strict)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = None if mark is None else mark.line + 1
        raise _wrong(path, line, error.problem or "not YAML") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError, RecursionError) as error:
        raise _wrong(path, None, str(error) or type(error).__name__) from None
    for where, what in formats.violations(format_name, value):
        raise _wrong(path, None, f"{where}: {what}" if where else what)
    return value


def _wrong(path: Path, line: int | None, what: str) -> RegistryError:
    return RegistryError(
        Text(
            f"This file is not written as it must be: {what}",
            f"파일의 형식이 올바르지 않습니다: {what}",
        ),
        place=Place(path=str(path), line=line),
    )
