"""An adapter with the settings of the command line, each of the type that the adapter declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mfgstd.errors import ConfigError, UsageError
from mfgstd.finding import show
from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mfgstd.adapters import Adapter


def made(name: str, source: str, options: Mapping[str, Any], pairs: Sequence[str]) -> Adapter:
    """The adapter for a source.

    Args:
        name: of the adapter.
        source: as the user named it.
        options: settings that have options of their own; ``None`` is one not given.
        pairs: ``NAME=VALUE``, any setting of the adapter.

    Raises:
        UsageError: a pair is none, or its value not of the type of the setting.
        ConfigError: the adapter has no such setting, or cannot work with it.
    """
    from mfgstd.adapters import load

    adapter = load(name)
    known = adapter.spec.settings.get("properties", {})
    given = {key: value for key, value in options.items() if value is not None}
    for key in given:
        if key not in known:
            raise _unknown(name, "--" + key.replace("_", "-"), known)
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(
                Text(f"{show(pair)} is not NAME=VALUE.", f"{show(pair)}은(는) 이름=값이 아닙니다."),
                hint=Text("Write for example --set timeout=5", "예: --set timeout=5"),
            )
        if key not in known:
            raise _unknown(name, key, known)
        given[key] = _typed(key, value, known[key].get("type"))
    constructor: Any = adapter
    result: Adapter = constructor(source, **given)
    return result


def _typed(name: str, value: str, kind: str | None) -> object:
    try:
        if kind == "integer":
            return int(value)
        if kind == "number":
            return float(value)
    except ValueError:
        raise UsageError(
            Text(
                f"The setting {name} is a number, not {show(value)}.",
                f"{name} 설정은 숫자여야 합니다: {show(value)}.",
            )
        ) from None
    return value


def _unknown(adapter: str, setting: str, known: Mapping[str, Any]) -> ConfigError:
    names = ", ".join(sorted(known))
    return ConfigError(
        Text(
            f"The adapter {adapter} has no setting {setting}.",
            f"{adapter} 어댑터에는 {setting} 설정이 없습니다.",
        ),
        hint=Text(f"It has: {names}", f"사용 가능: {names}"),
    )
