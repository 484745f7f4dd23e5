"""``mfgstd collect``: from a machine, a file or an agent into standard data, with a loss ledger."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote, urlsplit, urlunsplit

import typer

from mfgstd.cli.output import emit, fail
from mfgstd.cli.settings import made as made_with
from mfgstd.errors import NotInstalled, UsageError
from mfgstd.finding import Place, show
from mfgstd.language import Text

if TYPE_CHECKING:
    from mfgstd.collect import Ledger

HELP: Final = Text(
    """Collect from SOURCE into observations.parquet, events.ndjson and ledger.json.

A machine that goes away is tried again until --for is over or Ctrl-C ends it cleanly; the
ledger says when it was away.

Exit codes: 0 all is well, 1 there are errors in the input, 2 the command is wrong, 3 the source
was not reached or said nothing, 4 mfgstd itself failed.""",
    """SOURCE에서 수집하여 observations.parquet, events.ndjson, ledger.json에 저장합니다.

연결이 끊긴 설비에는 --for 시간이 끝나거나 Ctrl-C로 정상 종료할 때까지 계속 다시 연결하며,
끊겼던 시간은 원장에 적습니다.

종료 코드: 0 정상, 1 입력에 오류가 있음, 2 명령 오류, 3 소스에 연결하지 못했거나 들어온 것이 없음,
4 mfgstd 내부 오류.""",
)

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION: Final = re.compile(r"([0-9]+(?:[.][0-9]+)?)(ms|s|m|h|d)", re.ASCII)
_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_SHDR_SUFFIXES: Final = (".shdr", ".log", ".txt")


def collect(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help=str(
                Text(
                    "A file, shdr://HOST:PORT, or the http(s):// URL of an agent.",
                    "파일, shdr://호스트:포트, 또는 에이전트의 http(s):// URL입니다.",
                )
            ),
        ),
    ],
    to: Annotated[
        Path,
        typer.Option(
            "--to",
            metavar="DIR",
            help=str(Text("The folder for what comes.", "수집 결과를 저장할 폴더입니다.")),
        ),
    ],
    adapter: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=str(
                Text(
                    "The adapter (default: the one for SOURCE; see `mfgstd adapters`).",
                    "사용할 어댑터입니다(기본값: SOURCE에 맞는 어댑터. `mfgstd adapters` 참고).",
                )
            ),
        ),
    ] = None,
    device_model: Annotated[
        Path | None,
        typer.Option(
            "--device-model",
            metavar="FILE",
            help=str(
                Text(
                    "The device model (MTConnectDevices XML) of an SHDR source.",
                    "SHDR 소스의 장치 모델(MTConnectDevices XML)입니다.",
                )
            ),
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=str(
                Text(
                    "The device that lines without a prefix speak of.",
                    "접두사가 없는 줄이 가리키는 장치입니다.",
                )
            ),
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="URI",
            help=str(
                Text(
                    "Make identities below this URI (default: urn:uuid, always the same ones).",
                    "이 URI 아래에 식별자를 만듭니다(기본값: 항상 같은 urn:uuid).",
                )
            ),
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=str(
                Text(
                    "The character encoding of the source, e.g. cp949 (default: UTF-8).",
                    "소스의 문자 인코딩입니다. 예: cp949 (기본값: UTF-8)",
                )
            ),
        ),
    ] = None,
    set_: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help=str(
                Text(
                    "Any other setting of the adapter; see `mfgstd adapters NAME`.",
                    "어댑터의 다른 설정입니다. `mfgstd adapters 이름` 참고.",
                )
            ),
        ),
    ] = [],  # noqa: B006 - the framework reads it, nobody changes it
    for_: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="DURATION",
            help=str(
                Text("Stop after so long: 10s, 2m, 1h.", "정한 시간 뒤에 멈춥니다: 10s, 2m, 1h")
            ),
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help=str(
                Text(
                    "Stop after the read in which the Nth observation comes.",
                    "N번째 관측값이 들어온 읽기까지 처리하고 멈춥니다.",
                )
            ),
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help=str(
                Text("Go on with the collection in DIR.", "DIR에 있는 수집을 이어서 진행합니다.")
            ),
        ),
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help=str(Text("Replace the collection in DIR.", "DIR에 있는 수집 결과를 교체합니다.")),
        ),
    ] = False,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help=str(
                Text("Print the ledger as one JSON object.", "원장을 JSON 객체 하나로 출력합니다.")
            ),
        ),
    ] = False,
) -> int:
    """Collect from SOURCE into observations.parquet, events.ndjson and ledger.json.

    A machine that goes away is tried again until --for is over or Ctrl-C ends it cleanly; the
    ledger says when it was away. Exit codes: 0 all is well, 1 there are errors in the input,
    2 usage, 3 the source was not reached or said nothing, 4 our own fault.
    """
    seconds = None if for_ is None else duration(for_)
    if resume and overwrite:
        raise UsageError(
            Text(
                "--resume and --overwrite exclude each other.",
                "--resume과 --overwrite는 함께 쓸 수 없습니다.",
            )
        )
    place = _located(source)
    name = adapter or _adapter_for(source, place)
    settings = {
        "device_model": device_model,
        "device": device,
        "base": base,
        "encoding": encoding,
    }
    made = made_with(name, source, settings, set_)

    from mfgstd.cli.collecting import run, show_ledger
    from mfgstd.collect import Collection, Limits
    from mfgstd.collect.envelope import Origin

    origin = Origin(
        source=getattr(made, "source", None) or source_uri(source),
        adapter=made.spec.name,
        version=made.spec.version,
    )
    collection = Collection(to, origin, resume=resume, overwrite=overwrite)
    total = None if place is None or place.suffix == ".gz" else place.stat().st_size
    session, ledger = run(
        made,
        collection,
        Limits(seconds=seconds, observations=count),
        size=total,
        quiet=json,
    )
    if session.error is not None and not ledger.files and not json:
        # Nothing came, and nothing was written: a table of zeros would hide the reason.
        fail(session.error)
        return session.error.exit_code
    if json:
        examples = [each.to_json() for kept in ledger.account.examples.values() for each in kept]
        emit(ledger.to_json() | {"examples": examples})
    else:
        show_ledger(ledger, to)
    if session.error is not None:
        fail(session.error)
        return session.error.exit_code
    return exit_code(ledger, file=place is not None)


def exit_code(ledger: Ledger, *, file: bool) -> int:
    """The exit code of a collection that no error ended."""
    if not ledger.balanced:
        return 4
    if ledger.tally.rejected or ledger.account.errors:
        return 1
    if ledger.tally.read == 0:
        # Of a file that says nothing is known; a silent machine may speak tomorrow.
        return 1 if file else 3
    return 0


def duration(text: str) -> float:
    """Seconds of a duration such as ``10s``, ``2m``, ``1.5h``.

    Raises:
        UsageError: the text is not one.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not (seconds := float(match[1]) * _UNITS[match[2]]):
        raise UsageError(
            Text(f"{show(text)} is not a duration.", f"{show(text)}은(는) 기간이 아닙니다."),
            hint=Text(
                "Write a number and a unit: 500ms, 10s, 2m, 1h, 1d.",
                "숫자와 단위를 함께 쓰십시오: 500ms, 10s, 2m, 1h, 1d",
            ),
        )
    return seconds


def source_uri(source: str) -> str:
    """The URI by which envelopes and the ledger call a source; never with a password in it."""
    if not _URL.match(source):
        return Path(source).resolve().as_uri()
    parts = urlsplit(source)
    host = parts.netloc.rpartition("@")[2]
    reserved = "%/:?=&@!$'()*+,;~[]"
    return urlunsplit((parts.scheme, host, quote(parts.path, reserved), parts.query, ""))


def _located(source: str) -> Path | None:
    """The file, or ``None`` where the source is a URL."""
    if _URL.match(source):
        return None
    path = Path(source)
    if path.is_file():
        return path
    if path.is_dir():
        raise UsageError(
            Text("This is a folder, not a file.", "파일이 아니라 폴더입니다."),
            place=Place(path=source),
        )
    hint = None
    if re.fullmatch(r"[\w.-]+:[0-9]+", source):
        hint = Text(
            f"Of a socket write shdr://{source}, of an agent http://{source}.",
            f"소켓은 shdr://{source}, 에이전트는 http://{source} 형식으로 쓰십시오.",
        )
    raise UsageError(
        Text("There is no such file.", "파일이 없습니다."), place=Place(path=source), hint=hint
    )


def _adapter_for(source: str, path: Path | None) -> str:
    """The name of the adapter that speaks what the source speaks."""
    from mfgstd.adapters import available, load

    if path is not None:
        plain = path.name.lower().removesuffix(".gz")
        if plain.endswith(_SHDR_SUFFIXES) or _looks_like_shdr(path):
            return "mtconnect"
        raise UsageError(
            Text(
                "Nothing tells which adapter reads this file.",
                "이 파일을 읽을 어댑터를 알 수 없습니다.",
            ),
            place=Place(path=source),
            hint=Text(
                f"Name it: --adapter {'|'.join(available())}",
                f"어댑터를 지정하십시오: --adapter {'|'.join(available())}",
            ),
        )
    scheme = source.partition("://")[0].lower()
    known: set[str] = set()
    for name in available():
        try:
            schemes = load(name).spec.schemes
        except (ImportError, AttributeError, NotInstalled):
            # A neighbour that does not load is its own command's business.
            continue
        if scheme in schemes:
            return name
        known.update(schemes)
    raise UsageError(
        Text(
            f"No installed adapter speaks {scheme}://.",
            f"{scheme}://을(를) 처리하는 어댑터가 설치되어 있지 않습니다.",
        ),
        place=Place(path=source),
        hint=Text(f"Known: {', '.join(sorted(known))}", f"사용 가능: {', '.join(sorted(known))}"),
    )


def _looks_like_shdr(path: Path) -> bool:
    """Whether the first line has bars between its fields."""
    try:
        with path.open("rb") as stream:
            return b"|" in stream.readline(4096)
    except OSError:
        return False
