"""What an agent's complaints mean, and what to do about each: one table for the protocol.

An agent answers a request that it cannot serve with an MTConnectError document, often with an
HTTP status that says less than the document does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mfgstd.errors import AdapterError, ConfigError, SystemFault, TransientError
from mfgstd.language import Text
from mfgstd_adapters.mtconnect.model.facts import text_of
from mfgstd_adapters.mtconnect.xml import local

if TYPE_CHECKING:
    from lxml import etree

    from mfgstd.finding import Place

#: The request asked for data that the agent's buffer no longer holds, or does not hold yet.
OUT_OF_RANGE: Final = "OUT_OF_RANGE"


class Complaint(NamedTuple):
    """One error of an MTConnectError document: its code and the agent's own words."""

    code: str
    words: str


_ASK_AGENT: Final = Text("Look into the agent's own log.", "에이전트 자체의 로그를 확인하십시오.")
_WAIT: Final = Text(
    "It is tried again by itself; if it stays, look into the agent's log.",
    "자동으로 다시 시도합니다. 계속되면 에이전트의 로그를 확인하십시오.",
)
_CHECK_URL: Final = Text(
    "Check the URL: it should be the agent's root, such as http://host:5000/.",
    "URL을 확인하십시오. http://host:5000/ 처럼 에이전트의 루트여야 합니다.",
)

#: Error code of MTConnect Part 1 -> what kind of trouble it is, and what to do.
_MEANING: Final[dict[str, tuple[type[AdapterError], Text]]] = {
    "UNAUTHORIZED": (
        ConfigError,
        Text("Give the user or token that the agent expects.",
             "에이전트가 요구하는 사용자 또는 토큰을 설정하십시오."),
    ),
    "NO_DEVICE": (
        ConfigError,
        Text("Check the device's name or uuid against the agent's /probe.",
             "에이전트의 /probe에서 장치의 이름이나 uuid를 확인하십시오."),
    ),
    "INVALID_URI": (ConfigError, _CHECK_URL),
    "INVALID_URL": (ConfigError, _CHECK_URL),
    "INVALID_REQUEST": (ConfigError, _CHECK_URL),
    "INVALID_XPATH": (ConfigError, _CHECK_URL),
    "INVALID_PATH": (ConfigError, _CHECK_URL),
    "INVALID_PARAMETER_VALUE": (ConfigError, _CHECK_URL),
    "QUERY_ERROR": (ConfigError, _CHECK_URL),
    "TOO_MANY": (
        ConfigError,
        Text("Ask for fewer observations at once.", "한 번에 요청하는 관측값 수를 줄이십시오."),
    ),
    "UNSUPPORTED": (SystemFault, _ASK_AGENT),
    "INTERNAL_ERROR": (TransientError, _WAIT),
    OUT_OF_RANGE: (TransientError, _WAIT),
}  # fmt: skip


def complaints(root: etree._Element) -> list[Complaint]:
    """The errors of an MTConnectError document of any version; empty for any other document.

    Version 1.0 has one ``Error`` below the root; 2.6 gives each error an element of its own with
    an ``ErrorMessage`` inside.
    """
    if local(root.tag) != "MTConnectError":
        return []
    found: list[Complaint] = []
    for element in root.iter():
        code = element.get("errorCode")
        if code is None:
            continue
        inner = next((each for each in element if local(each.tag) == "ErrorMessage"), None)
        words = text_of(element) or text_of(inner) or ""
        found.append(Complaint(code[:60], words[:300]))
    return found or [Complaint("INTERNAL_ERROR", "")]


def error_for(complaint: Complaint, place: Place) -> AdapterError:
    """The exception that one complaint amounts to."""
    kind, hint = _MEANING.get(complaint.code, (SystemFault, _ASK_AGENT))
    said = f": {complaint.words}" if complaint.words else ""
    return kind(
        Text(
            f"The agent refuses the request with {complaint.code}{said}",
            f"에이전트가 요청을 거부했습니다. {complaint.code}{said}",
        ),
        place=place,
        hint=hint,
    )
