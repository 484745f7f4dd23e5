"""``mfgstd adapters``: which adapters are installed, and what each says of itself."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mfgstd.cli.output import emit, print_table, say
from mfgstd.language import Text


def adapters(
    name: Annotated[
        str | None,
        typer.Argument(
            help=str(
                Text(
                    "Tell all of this adapter, with its settings.",
                    "이 어댑터의 설정까지 모두 보여 줍니다.",
                )
            )
        ),
    ] = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json", help=str(Text("Print one JSON object.", "JSON 객체 하나로 출력합니다."))
        ),
    ] = False,
) -> int:
    """List the installed adapters, with what they read and how they notice losses."""
    from mfgstd.adapters import AdapterSpec, available, load

    specs: list[AdapterSpec] = []
    broken: dict[str, str] = {}
    for each in available() if name is None else [name]:
        try:
            specs.append(load(each).spec)
        except (ImportError, AttributeError) as error:
            # One broken package must not hide the others.
            broken[each] = str(error)
    if json:
        emit({"adapters": [_told(spec) for spec in specs], "broken": broken})
    elif name is None:
        print_table(
            Text("Installed adapters", "설치된 어댑터"),
            (
                Text("name", "이름"),
                Text("version", "버전"),
                Text("reads", "소스"),
                Text("losses", "손실 감지"),
            ),
            [(s.name, s.version, " ".join(s.schemes), s.loss.value) for s in specs],
        )
    else:
        for spec in specs:
            _describe(spec)
    if not json:
        for each, why in broken.items():
            say(
                Text(
                    f"{each} is installed but cannot be loaded: {why}",
                    f"{each}: 설치되어 있지만 불러올 수 없습니다: {why}",
                ),
                error=True,
            )
    return 4 if broken else 0


def _told(spec: Any) -> dict[str, Any]:
    return {
        "name": spec.name,
        "version": spec.version,
        "title": str(spec.title),
        "schemes": list(spec.schemes),
        "loss": spec.loss.value,
        "settings": spec.settings,
    }


def _describe(spec: Any) -> None:
    say(f"{spec.name} {spec.version}: {spec.title}")
    say(Text(f"reads: {' '.join(spec.schemes)}", f"소스: {' '.join(spec.schemes)}"))
    say(Text(f"losses: {spec.loss.value}", f"손실 감지: {spec.loss.value}"))
    for setting, schema in spec.settings.get("properties", {}).items():
        english = schema.get("description", "")
        korean = schema.get("x-mfg-description", {}).get("ko", english)
        say(f"  {setting}: {Text(english, korean)}")
