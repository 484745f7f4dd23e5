"""The MTConnect adapter: one door to logs, sockets and agents, by how the source is named."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import unquote, urlsplit

from mfgstd._version import __version__
from mfgstd.adapters import AdapterSpec, Batch, LossDetection
from mfgstd.errors import ConfigError, InputError, MfgStdError
from mfgstd.finding import Finding, Place
from mfgstd.language import Text
from mfgstd_adapters.mtconnect.model.devices import read_devices
from mfgstd_adapters.mtconnect.sources import (
    AgentSource,
    LogSource,
    SocketSource,
    Source,
    announcement,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd.adapters import Checkpoint
    from mfgstd_adapters.mtconnect.clients.http import AgentClient
    from mfgstd_adapters.mtconnect.model.device_model import DeviceModel
    from mfgstd_adapters.mtconnect.shdr import ShdrTranslator
    from mfgstd_adapters.mtconnect.streams.translator import StreamsTranslator

#: A device model larger than this is none.
MODEL_LIMIT: Final = 64 * 1024 * 1024

_SETTINGS: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "device_model": {
            "type": "string",
            "description": "File with the device model (MTConnectDevices); agents tell it"
            " themselves.",
            "x-mfg-description": {
                "ko": "장치 모델(MTConnectDevices) 파일입니다. 에이전트는 스스로 알려 줍니다."
            },
        },
        "device": {
            "type": "string",
            "description": "Name, uuid or id of the device that is reported on, where the model"
            " has several.",
            "x-mfg-description": {
                "ko": "모델에 장치가 여럿일 때 보고 대상의 이름, uuid 또는 id입니다."
            },
        },
        "base": {
            "type": "string",
            "format": "uri",
            "description": "What identities begin with, such as https://plant.example/.",
            "x-mfg-description": {"ko": "식별자의 앞부분입니다. 예: https://plant.example/"},
        },
        "encoding": {
            "type": "string",
            "default": "utf-8",
            "description": "How a SHDR source writes text, such as cp949.",
            "x-mfg-description": {"ko": "SHDR 소스의 문자 인코딩입니다. 예: cp949"},
        },
        "interval": {
            "type": "number",
            "exclusiveMinimum": 0,
            "default": 1.0,
            "description": "Seconds between polls of an agent.",
            "x-mfg-description": {"ko": "에이전트에 다시 요청하는 간격(초)입니다."},
        },
        "count": {
            "type": "integer",
            "minimum": 1,
            "default": 1000,
            "description": "Observations asked of an agent at once.",
            "x-mfg-description": {"ko": "에이전트에 한 번에 요청하는 관측값의 수입니다."},
        },
        "timeout": {
            "type": "number",
            "exclusiveMinimum": 0,
            "default": 10.0,
            "description": "Seconds to wait for a connection or an answer.",
            "x-mfg-description": {"ko": "연결이나 응답을 기다리는 시간(초)입니다."},
        },
        "silence": {
            "type": "number",
            "exclusiveMinimum": 0,
            "default": 60.0,
            "description": "Seconds without a byte after which a socket that names no heartbeat"
            " is given up.",
            "x-mfg-description": {
                "ko": "하트비트가 없는 소켓이 침묵할 때 연결을 끊기까지 기다리는 시간(초)입니다."
            },
        },
        "clock_tolerance": {
            "type": "number",
            "minimum": 0,
            "default": 1.0,
            "description": "Seconds by which the clock of a log may step back unremarked.",
            "x-mfg-description": {"ko": "로그의 시각이 되돌아가도 경고하지 않는 한도(초)입니다."},
        },
        "user_env": {
            "type": "string",
            "description": "Environment variable that holds user:password for an agent.",
            "x-mfg-description": {"ko": "에이전트용 user:password가 담긴 환경 변수의 이름입니다."},
        },
        "token_env": {
            "type": "string",
            "description": "Environment variable that holds a bearer token for an agent.",
            "x-mfg-description": {"ko": "에이전트용 베어러 토큰이 담긴 환경 변수의 이름입니다."},
        },
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be set; described in :attr:`MTConnectAdapter.spec`."""

    device_model: str | Path | None = None
    device: str | None = None
    base: str | None = None
    encoding: str = "utf-8"
    interval: float = 1.0
    count: int = 1000
    timeout: float = 10.0
    silence: float = 60.0
    clock_tolerance: float = 1.0
    user_env: str | None = None
    token_env: str | None = None


class MTConnectAdapter:
    """Reads one MTConnect source.

    Args:
        url: a SHDR log (a path, or ``file:``; ``.gz`` too), ``shdr://host:port``, or the
            ``http(s)://`` address of an agent.
        **settings: see :class:`Settings`.

    Raises:
        ConfigError: a setting is not known or cannot work.
    """

    spec: ClassVar[AdapterSpec] = AdapterSpec(
        name="mtconnect",
        version=__version__,
        title=Text(
            "MTConnect: agents, and SHDR from sockets and logs",
            "MTConnect: 에이전트, 소켓과 로그의 SHDR",
        ),
        schemes=("shdr", "http", "https", "file"),
        # Agents prove every hole; a socket or a log cannot show what was never sent.
        loss=LossDetection.BOUNDED,
        settings=_SETTINGS,
    )

    def __init__(self, url: str, **settings: Any) -> None:
        self._settings = _checked(settings)
        self._url = str(url)
        parts = urlsplit(self._url)
        scheme = parts.scheme.lower() if "://" in self._url else ""
        self._kind = scheme if scheme in self.spec.schemes else ""
        if scheme and not self._kind:
            raise ConfigError(
                Text(
                    f"The MTConnect adapter does not speak {scheme}://.",
                    f"MTConnect 어댑터는 {scheme}://을(를) 지원하지 않습니다.",
                ),
                hint=Text(
                    "Write a path, shdr://host:port or http://host:port/.",
                    "파일 경로, shdr://host:port 또는 http://host:port/ 형식으로 쓰십시오.",
                ),
            )
        self._path = unquote(parts.path) if self._kind == "file" else self._url
        self._source: Source | None = None
        self._told: Batch | None = None
        self._told_once = False
        self._since = ""

    @property
    def source(self) -> str:
        """The source as rows and documents name it: a URI without credentials."""
        if self._kind in {"", "file"}:
            return Path(self._path).resolve().as_uri()
        if self._kind == "shdr":
            host, port = _address(self._url)
            return f"shdr://{f'[{host}]' if ':' in host else host}:{port}"
        from mfgstd_adapters.mtconnect.clients.http import redacted

        return redacted(self._url)

    async def check(self) -> list[Finding]:
        """Read the device model and reach the source, without taking anything from it."""
        try:
            await self.open()
            batch = self._told
            return [] if batch is None else list(batch.findings)
        except MfgStdError as error:
            return [
                Finding(
                    rule="mtconnect.unreachable",
                    message=error.message,
                    hint=error.hint,
                    source=error.place or Place(path=self._url),
                )
            ]
        finally:
            self._told_once = False
            await self.close()

    async def open(self, checkpoint: Checkpoint | None = None) -> None:
        """Connect, or go on from a checkpoint.

        Raises:
            ConfigError, InputError, TransientError, SystemFault: with what to do next.
        """
        if self._source is None:
            self._source = self._made(resumed=bool(checkpoint))
        await self._source.open(checkpoint)

    async def read(self) -> Batch | None:
        """The device model first, where this source was not collected before; then what comes."""
        if self._source is None:
            return None
        if self._told is not None:
            told, self._told = self._told, None
            return told
        return await self._source.read()

    async def close(self) -> None:
        """Let go of everything."""
        source = self._source
        if source is None:
            return
        await source.close()
        if not isinstance(source, SocketSource):
            # What a socket has lost sight of is told when it comes back.
            self._source = None

    def _made(self, *, resumed: bool) -> Source:
        if self._kind in {"http", "https"}:
            return AgentSource(
                self._client,
                self._streams,
                self._agent_model,
                probe=self._settings.device_model is None,
                interval=self._settings.interval,
                count=self._settings.count,
            )
        model, told = self._file_model()
        if not resumed and not self._told_once:
            self._told = told
        self._told_once = True
        if self._kind == "shdr":
            from mfgstd_adapters.mtconnect.clients.tcp import ShdrClient

            host, port = _address(self._url)
            client = ShdrClient(
                host, port, timeout=self._settings.timeout, silence=self._settings.silence
            )
            return SocketSource(client, self._shdr(model, 0), self.source)
        return LogSource(self._path, lambda line: self._shdr(model, line))

    def _shdr(self, model: DeviceModel, line: int) -> ShdrTranslator:
        from mfgstd_adapters.mtconnect.shdr import ShdrTranslator

        return ShdrTranslator(
            model,
            source=self.source,
            device=self._settings.device,
            encoding=self._settings.encoding,
            path=self._path if self._kind in {"", "file"} else self.source,
            clock_tolerance=self._settings.clock_tolerance,
            line=line,
        )

    def _client(self) -> AgentClient:
        from mfgstd_adapters.mtconnect.clients.http import AgentClient

        return AgentClient(
            self._url,
            device=self._settings.device,
            timeout=self._settings.timeout,
            user_env=self._settings.user_env,
            token_env=self._settings.token_env,
        )

    def _streams(self, model: DeviceModel) -> StreamsTranslator:
        from mfgstd_adapters.mtconnect.streams.translator import StreamsTranslator

        return StreamsTranslator(model, source=self.source, path=self.source)

    def _agent_model(self, data: bytes | None) -> tuple[DeviceModel, Batch]:
        if data is None:
            return self._file_model()
        model, findings = read_devices(data, base=self._settings.base, path=self.source)
        # An agent that is started anew writes its model anew; its machines stood there before.
        self._since = self._since or model.header.get("creationTime", "")
        model = replace(model, header={**model.header, "creationTime": self._since})
        return model, announcement(model.documents(), tuple(findings))

    def _file_model(self) -> tuple[DeviceModel, Batch]:
        given = self._settings.device_model
        if given is None:
            raise ConfigError(
                Text(
                    "SHDR does not say what its keys mean; a device model is needed.",
                    "SHDR에는 키의 의미가 없으므로 장치 모델이 필요합니다.",
                ),
                place=Place(path=self._url),
                hint=Text(
                    "Give the machine's MTConnectDevices file: --device-model devices.xml",
                    "장비의 MTConnectDevices 파일을 지정하십시오: --device-model devices.xml",
                ),
            )
        model, findings = read_devices(
            _read_model(Path(given)), base=self._settings.base, path=str(given)
        )
        device = self._settings.device
        if device is not None and model.device(device) is None:
            names = ", ".join(each.name or each.uuid or "?" for each in model.devices)
            raise ConfigError(
                Text(
                    f"The device model has no device {device!r}.",
                    f"장치 모델에 {device!r} 장치가 없습니다.",
                ),
                place=Place(path=str(given)),
                hint=Text(f"It has: {names}", f"모델의 장치: {names}"),
            )
        return model, announcement(model.documents(), tuple(findings))


def _read_model(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MODEL_LIMIT + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            Text(
                f"The device model cannot be read: {reason}.",
                f"장치 모델을 읽을 수 없습니다: {reason}.",
            ),
            place=Place(path=str(path)),
        ) from error
    if len(data) > MODEL_LIMIT:
        raise InputError(
            Text("The device model is too large.", "장치 모델 파일이 너무 큽니다."),
            place=Place(path=str(path)),
        )
    return data


def _checked(settings: Mapping[str, Any]) -> Settings:
    known = {field.name for field in fields(Settings)}
    for name in settings:
        if name not in known:
            raise ConfigError(
                Text(
                    f"The MTConnect adapter has no setting {name!r}.",
                    f"MTConnect 어댑터에는 {name!r} 설정이 없습니다.",
                ),
                hint=Text(
                    f"Known: {', '.join(sorted(known))}", f"사용 가능: {', '.join(sorted(known))}"
                ),
            )
    made = Settings(**settings)
    for name in ("interval", "count", "timeout", "silence"):
        value = getattr(made, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise ConfigError(
                Text(
                    f"The setting {name!r} must be a number above zero.",
                    f"{name!r} 설정은 0보다 큰 숫자여야 합니다.",
                )
            )
    return made


def _address(url: str) -> tuple[str, int]:
    """Host and port of ``shdr://host:port``; the port is 7878 by custom.

    Raises:
        ConfigError: there is none.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise ConfigError(
            Text(
                "The address names no host, or no port from 0 to 65535.",
                "주소에 호스트가 없거나 포트가 0~65535 범위를 벗어납니다.",
            ),
            place=Place(path=url),
            hint=Text("Write it like shdr://host:7878", "shdr://host:7878 형식으로 쓰십시오."),
        )
    return host, 7878 if port is None else port
