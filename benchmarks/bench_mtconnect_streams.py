"""How fast an agent's document becomes columns, beside a bare lxml loop over the same bytes.

Promise: at least 0.5 times a loop that only touches each observation's attributes and text.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from lxml import etree

from mfgstd_adapters.mtconnect.model.devices import DeviceModel, read_devices
from mfgstd_adapters.mtconnect.streams.translator import StreamsTranslator

ROUNDS = 25
ITEMS = 40
OBSERVATIONS = 7_600
RECEIVED = 1_767_571_200_000_000_000

# What a machining centre says most of: positions, loads, program blocks, overrides.
_SPEED = 'category="SAMPLE" type="ROTARY_VELOCITY" units="REVOLUTION/MINUTE"'
KINDS = (
    ("Samples", "Position", 'category="SAMPLE" type="POSITION" units="MILLIMETER"'),
    ("Samples", "Load", 'category="SAMPLE" type="LOAD" units="PERCENT"'),
    ("Samples", "RotaryVelocity", _SPEED),
    ("Events", "Block", 'category="EVENT" type="BLOCK"'),
)


def make_model() -> DeviceModel:
    items = "".join(
        f'<DataItem id="item{number}" name="name{number}" {KINDS[number % len(KINDS)][2]}/>'
        for number in range(ITEMS)
    )
    device = f'<Device id="d" name="mill" uuid="M-1"><DataItems>{items}</DataItems></Device>'
    return read_devices(device.encode())[0]


def make_document() -> bytes:
    chance = random.Random(20260105)  # noqa: S311 - the same document every time
    sequence = 0
    parts = []
    for number in range(ITEMS):
        group, tag, _ = KINDS[number % len(KINDS)]
        said = []
        for beat in range(OBSERVATIONS // ITEMS):
            sequence += 1
            value = (
                "UNAVAILABLE"
                if chance.random() < 0.01
                else f"{chance.uniform(-500, 500):.4f}"
                if group == "Samples"
                else f"G01 X{beat} F{chance.randrange(900)}"
            )
            said.append(
                f'<{tag} dataItemId="item{number}" name="name{number}" sequence="{sequence}"'
                f' timestamp="2026-01-05T00:{beat // 60:02}:{beat % 60:02}'
                f'.{chance.randrange(10**6):06}Z">{value}</{tag}>'
            )
        parts.append(
            f'<ComponentStream component="Linear" name="c{number}" componentId="c{number}">'
            f"<{group}>{''.join(said)}</{group}></ComponentStream>"
        )
    return (
        '<MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:2.3">'
        '<Header creationTime="2026-01-05T00:10:00Z" instanceId="1" version="2.3" sender="a"'
        f' bufferSize="131072" firstSequence="1" lastSequence="{sequence}"'
        f' nextSequence="{sequence + 1}"/><Streams><DeviceStream name="mill" uuid="M-1">'
        f"{''.join(parts)}</DeviceStream></Streams></MTConnectStreams>"
    ).encode()


def bare(data: bytes) -> int:
    """Parse, and touch every attribute and text of every observation; keep nothing."""
    touched = 0
    for stream in etree.fromstring(data).iter("{*}DeviceStream"):
        for component in stream:
            for group in component:
                for element in group:
                    for name, value in element.items():
                        touched += len(name) + len(value)
                    touched += len(element.text or "")
    return touched


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    data = make_document()
    translator = StreamsTranslator(make_model(), source="urn:example:agent")
    batch = translator.translate(data, RECEIVED)
    assert batch.tally.translated == OBSERVATIONS
    # Interleaved, so that a busy moment of the machine falls on both.
    pairs = [
        (_seconds(lambda: bare(data)), _seconds(lambda: translator.translate(data, RECEIVED)))
        for _ in range(ROUNDS)
    ]
    loop = statistics.median(each for each, _ in pairs)
    ours = statistics.median(each for _, each in pairs)
    print(
        f"mtconnect streams: {OBSERVATIONS / ours / 1000:.0f} thousand observations a second, "
        f"{loop / ours:.2f} times a bare lxml loop (promised: at least 0.50)"
    )


if __name__ == "__main__":
    main()
