"""A thin client for MTConnect agents over HTTP: it fetches bytes, and knows what went wrong.

Translation happens elsewhere. Bodies are bounded, certificates are checked, and no credential is
ever part of a URL, because URLs end up in logs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit, urlunsplit

from mfgstd.errors import AdapterError, ConfigError, MissingExtra, SystemFault, TransientError
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd_adapters.mtconnect.clients.multipart import Parts
from mfgstd_adapters.mtconnect.streams.agent_errors import OUT_OF_RANGE, complaints, error_for
from mfgstd_adapters.mtconnect.xml import SIZE_LIMIT, parse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

_ACCEPT: Final = {"Accept": "application/xml, text/xml;q=0.9"}
_RETRY: Final = Text(
    "It is tried again by itself. Check that the agent runs and that the address is right.",
    "자동으로 다시 시도합니다. 에이전트가 실행 중인지, 주소가 맞는지 확인하십시오.",
)


class AgentClient:
    """Fetches documents from one agent; one connection is kept open and used again.

    Args:
        url: the agent's root, ``http://`` or ``https://``; a device's name may follow as the path.
        device: the name or uuid of the one device to ask for; all of them without it.
        timeout: seconds without any progress after which a request is given up.
        user_env: name of the environment variable that holds ``user:password`` (basic).
        token_env: name of the environment variable that holds a bearer token.
        limit: the largest body that is read, in bytes.

    Raises:
        ConfigError: the URL cannot work, or an environment variable is not set.
        MissingExtra: httpx is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        device: str | None = None,
        timeout: float = 10.0,
        user_env: str | None = None,
        token_env: str | None = None,
        limit: int = SIZE_LIMIT,
    ) -> None:
        try:
            import httpx
        except ImportError:
            raise MissingExtra("httpx", "mtconnect") from None
        self.url = _checked(url)
        self._limit = limit
        self._timeout = timeout
        self._device = "" if device is None else quote(device, safe="") + "/"
        headers = dict(_ACCEPT)
        auth: httpx.BasicAuth | None = None
        if token_env is not None:
            headers["Authorization"] = f"Bearer {_secret(token_env)}"
        elif user_env is not None:
            user, _, password = _secret(user_env).partition(":")
            auth = httpx.BasicAuth(user, password)
        self._client = httpx.AsyncClient(
            headers=headers,
            auth=auth,
            timeout=httpx.Timeout(timeout),
            # A redirect to another host would carry the credentials there.
            follow_redirects=False,
        )

    async def probe(self) -> bytes:
        """The device model: an MTConnectDevices document."""
        return await self._get("probe")

    async def current(self) -> bytes:
        """The latest value of every item: an MTConnectStreams document."""
        return await self._get("current")

    async def sample(self, start: int | None = None, count: int = 1000) -> bytes:
        """At most ``count`` observations from sequence ``start`` on.

        An MTConnectStreams document; or, where the buffer does not hold ``start`` any more, an
        MTConnectError document with OUT_OF_RANGE, which translation turns into a Gap.
        """
        return await self._get("sample", _window(start, count))

    async def stream(
        self, start: int | None = None, *, interval: float = 1.0, count: int = 1000
    ) -> AsyncIterator[bytes]:
        """The documents that an agent pushes over one connection (``multipart/x-mixed-replace``).

        ``interval`` is the least time between two documents, in seconds. Ends when the agent
        ends it; a silent agent ends in a TransientError, because heartbeats must come.
        """
        query = {
            **_window(start, count),
            "interval": str(round(interval * 1000)),
            # Two heartbeats fit into the time after which silence counts as loss.
            "heartbeat": str(max(1, round(self._timeout * 500))),
        }
        import httpx

        address = self._address("sample")
        try:
            async with self._client.stream("GET", address, params=query) as response:
                boundary = _boundary(response.headers.get("content-type", ""))
                if response.status_code != 200 or boundary is None:
                    yield self._judged(response.status_code, await self._body(response), address)
                    return
                parts = Parts(boundary, self._limit)
                async for chunk in response.aiter_bytes():
                    for part in parts.feed(chunk):
                        yield part
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise _mapped(error, address) from error

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    def _address(self, request: str) -> str:
        return f"{self.url}{self._device}{request}"

    async def _get(self, request: str, query: dict[str, str] | None = None) -> bytes:
        import httpx

        address = self._address(request)
        try:
            async with self._client.stream("GET", address, params=query) as response:
                body = await self._body(response)
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise _mapped(error, address) from error
        return self._judged(response.status_code, body, address)

    async def _body(self, response: httpx.Response) -> bytes:
        """The body, at most so many bytes of it: after decompression, where bombs unfold."""
        pieces: list[bytes] = []
        length = 0
        async for chunk in response.aiter_bytes():
            length += len(chunk)
            if length > self._limit:
                raise SystemFault(
                    Text(
                        f"The agent's answer is larger than {self._limit} bytes.",
                        f"에이전트의 응답이 {self._limit}바이트보다 큽니다.",
                    ),
                    place=Place(path=str(response.url.copy_with(query=None))),
                    hint=Text(
                        "Ask for fewer observations at once.",
                        "한 번에 요청하는 관측값 수를 줄이십시오.",
                    ),
                )
            pieces.append(chunk)
        return b"".join(pieces)

    def _judged(self, status: int, body: bytes, address: str) -> bytes:
        """The body of an answer, or the error that it amounts to."""
        place = Place(path=address)
        if b"MTConnectError" in body[:4000]:
            found = complaints(parse(body, path=address, limit=self._limit))
            if any(each.code == OUT_OF_RANGE for each in found):
                return body
            if found:
                raise error_for(found[0], place)
        if status == 200:
            return body
        raise _for_status(status, place)


def redacted(url: str) -> str:
    """A URL as it may be shown: without what stands before the ``@``, and without its query."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        shown = redacted(url)
        _ = parts.port  # raises for one that is not a number
    except ValueError:
        raise ConfigError(
            Text("The agent's URL cannot be read.", "에이전트 URL을 읽을 수 없습니다."),
            hint=Text("Write it like http://host:5000/", "http://host:5000/ 처럼 쓰십시오."),
        ) from None
    place = Place(path=shown)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(
            Text(
                "An agent's URL begins with http:// or https:// and names a host.",
                "에이전트 URL은 http:// 또는 https://로 시작하고 호스트가 있어야 합니다.",
            ),
            place=place,
        )
    if "@" in parts.netloc:
        raise ConfigError(
            Text(
                "The URL holds a user or password; URLs end up in logs.",
                "URL에 사용자나 비밀번호가 들어 있습니다. URL은 로그에 남습니다.",
            ),
            place=place,
            hint=Text(
                "Put user:password into an environment variable and name it: --set user_env=NAME",
                "user:password를 환경 변수에 넣고 그 이름을 지정하십시오: --set user_env=이름",
            ),
        )
    if parts.query or parts.fragment:
        raise ConfigError(
            Text(
                "The agent's URL must not have a query.",
                "에이전트 URL에는 쿼리를 붙일 수 없습니다.",
            ),
            place=place,
        )
    return shown if shown.endswith("/") else shown + "/"


def _secret(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise ConfigError(
            Text(
                f"The environment variable {variable} is not set.",
                f"환경 변수 {variable}이(가) 설정되어 있지 않습니다.",
            )
        )
    if not value.isascii() or not value.isprintable():
        raise ConfigError(
            Text(
                f"The environment variable {variable} holds characters that HTTP cannot carry.",
                f"환경 변수 {variable}에 HTTP로 보낼 수 없는 문자가 있습니다.",
            )
        )
    return value


def _window(start: int | None, count: int) -> dict[str, str]:
    window = {"count": str(count)}
    if start is not None:
        window["from"] = str(start)
    return window


def _boundary(content_type: str) -> bytes | None:
    kind, _, rest = content_type.partition(";")
    if not kind.strip().lower().startswith("multipart/"):
        return None
    for part in rest.split(";"):
        name, _, value = part.strip().partition("=")
        if name.lower() == "boundary" and value:
            return value.strip('"').encode("latin-1", "replace")
    return None


def _mapped(error: Exception, address: str) -> AdapterError:
    """What an HTTP library's error means to the user."""
    import httpx

    place = Place(path=address)
    if isinstance(error, httpx.TimeoutException):
        return TransientError(
            Text("The agent does not answer in time.", "에이전트가 제시간에 응답하지 않습니다."),
            place=place,
            hint=_RETRY,
        )
    words = str(error)[:200] or type(error).__name__
    if "CERTIFICATE" in words.upper():
        return ConfigError(
            Text(
                f"The agent's certificate is not trusted: {words}",
                f"에이전트의 인증서를 신뢰할 수 없습니다: {words}",
            ),
            place=place,
            hint=Text(
                "Add the plant's certificate authority to this machine (SSL_CERT_FILE).",
                "공장의 인증 기관을 이 컴퓨터에 등록하십시오 (SSL_CERT_FILE).",
            ),
        )
    if isinstance(
        error, httpx.UnsupportedProtocol | httpx.LocalProtocolError | httpx.DecodingError
    ):
        return SystemFault(
            Text(
                f"The agent speaks broken HTTP: {words}", f"에이전트의 HTTP가 잘못됐습니다: {words}"
            ),
            place=place,
        )
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.StreamError):
        return TransientError(
            Text(
                f"The connection to the agent broke off: {words}",
                f"에이전트와의 연결이 끊겼습니다: {words}",
            ),
            place=place,
            hint=_RETRY,
        )
    return TransientError(
        Text(f"The agent cannot be reached: {words}", f"에이전트에 연결할 수 없습니다: {words}"),
        place=place,
        hint=_RETRY,
    )


def _for_status(status: int, place: Place) -> AdapterError:
    if status in {401, 403}:
        return ConfigError(
            Text(
                f"The agent refuses access (HTTP {status}).",
                f"에이전트가 접근을 거부했습니다 (HTTP {status}).",
            ),
            place=place,
            hint=Text(
                "Name the environment variable that holds user:password (--set user_env=NAME)"
                " or the token (--set token_env=NAME).",
                "user:password가 담긴 환경 변수(--set user_env=이름)나 토큰이 담긴 환경 변수"
                "(--set token_env=이름)를 지정하십시오.",
            ),
        )
    if status == 404 or 300 <= status < 400:
        return ConfigError(
            Text(
                f"There is no agent at this address (HTTP {status}).",
                f"이 주소에 에이전트가 없습니다 (HTTP {status}).",
            ),
            place=place,
            hint=Text(
                "Check host, port, path and the device's name.",
                "호스트, 포트, 경로, 장치 이름을 확인하십시오.",
            ),
        )
    if status >= 500 or status in {408, 425, 429}:
        return TransientError(
            Text(
                f"The agent has trouble of its own (HTTP {status}).",
                f"에이전트 내부에 문제가 있습니다 (HTTP {status}).",
            ),
            place=place,
            hint=_RETRY,
        )
    return SystemFault(
        Text(
            f"The agent answers in a way that is not MTConnect (HTTP {status}).",
            f"에이전트의 응답이 MTConnect가 아닙니다 (HTTP {status}).",
        ),
        place=place,
    )
