"""Values that tell implementations apart: words of the shop floor, odd texts, bounds of numbers."""

from __future__ import annotations

from typing import Final

#: What people write into free text, Korean first. Ordered from simple to awkward.
PHRASES: Final = (
    "가",
    "2호 라인 CNC 선반",
    "사출기 3호기 금형 교체",
    "자재 대기",
    "작업자가 정지 사유를 다시 분류함",
    "베어링 온도 상승 (85 ℃)",
    "불량: 버(burr), 치수 초과",
    "주축 부하율 120%",
    "CNC lathe, line 2",
    "Spindle temperature high",
    'he said "stop"',
    "C:\\data\\1.txt",
    "a/b~c",
    "<b>&amp;</b>",
    "00123",
    "null",
    "NaN",
    " leading and trailing ",
    "line one\nline two\ttab",
    "한\u200b글",
    # Decomposed Hangul: the same to a reader, other code points to a machine.
    "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "機械加工",
    "Größe Ø 12 µm",
    "😀👩‍🔧",
    "\u202eright to left",
    "\u2028",
    "e\u0301",
    "\U0010fffd",
    "가" * 200,
)

#: Characters for free text beyond the phrases. No U+0000: PostgreSQL and C cannot hold it.
ALPHABET: Final = (
    "a가나다힣ㄱ bcz09AZ_-.,:/\\\"'{}[]%#\t\né√機😀\u0301\u00a0\ufeff\u2029\x7f\U0001f469"
)

#: Texts that fit few patterns; each pattern picks those that it allows.
ODD: Final = (
    # Moments: a leap second, nanoseconds, the edges of the calendar, offsets.
    "2026-02-03T00:00:00Z",
    "2016-12-31T23:59:60Z",
    "2017-01-01T08:59:60+09:00",
    "2026-11-22T09:30:00.123456789+09:00",
    "2026-11-22T09:30:00.000000001Z",
    "2026-11-22T09:30:00.100Z",
    "1900-01-01T00:00:00Z",
    "2199-12-31T23:59:59.999999999Z",
    "2024-02-29T12:00:00-23:59",
    "2000-02-29T23:59:59+23:59",
    "1900-01-01T00:00:00+23:59",
    "2026-11-22",
    "2024-02-29",
    "00:00",
    "23:59",
    # Identities.
    "urn:uuid:018f9c1e-7b1a-7c3e-9d52-0a6f3c2b9e10",
    "https://plant.example.co.kr/line-2/cnc-07",
    "https://plant.example.co.kr/%EB%9D%BC%EC%9D%B8/2#x",
    "http://[2001:db8::1]:8080/a?b=c&d=e",
    "urn:epc:id:sgtin:0614141.107346.2018",
    "https://id.gs1.org/01/08801234567893/21/A-1",
    # Numbers as text: the bounds of 64 bits and beyond, decimals that no double holds.
    "0",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551615",
    "9007199254740993",
    "12.50",
    "-0.1",
    "0.1000000000000000055511151231257827",
    "-0.0",
    # Units.
    "1",
    "mm",
    "Cel",
    "{rev}/min",
    "kW.h",
    "m/s2",
    "%",
    # Codes, languages, zones, countries.
    "ko",
    "en",
    "ko-KR",
    "zh-Hant-TW",
    "und",
    "KR",
    "Asia/Seoul",
    "com.vendor.spindle-health",
    "mtconnect:temperature",
    "https://vendor.example/codes/warm-up",
    "8801234567893",
    "0" * 32,
    "f" * 32,
    "a" * 64,
)
