"""The simulated shop: a mill that thinks in inches and a lathe that thinks in millimetres.

A story of 32 beats repeats: warm-up, cutting, a warning, a fault, an emergency stop, recovery, a
sensor that goes away and comes back, a machine that is unplugged, a finished part. The clock is
virtual and the chance is seeded, so the same seed and start tell the same story to the digit.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from mfgstd_conformance.peers.machine import (
    UNAVAILABLE,
    Component,
    Condition,
    Entries,
    Machine,
    Message,
    Report,
    Said,
    Series,
    Signal,
    plain,
    report,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

INCH: Final = Fraction("25.4")  # millimetres, exactly, by the agreement of 1959
SECOND: Final = 1_000_000_000  # nanoseconds
BEATS: Final = 32
FIRST_CUT: Final = 12_345  # ten-thousandths of an inch: every cut starts at X 1.2345 in


def _sample(id_: str, name: str, component: str, type_: str, units: str, unit: str) -> Signal:
    return Signal(
        id=id_, name=name, component=component, category="SAMPLE", type=type_,
        sub_type="ACTUAL" if type_ in ("POSITION", "PATH_FEEDRATE", "ROTARY_VELOCITY") else None,
        units=units, native_units=units, unit=unit,
    )  # fmt: skip


def _inches(id_: str, name: str, component: str, type_: str, units: str, native: str) -> Signal:
    return Signal(
        id=id_, name=name, component=component, category="SAMPLE", type=type_, sub_type="ACTUAL",
        units=units, native_units=native, unit="mm/s" if units.endswith("/SECOND") else "mm",
        slope=INCH / 60 if native.endswith("/MINUTE") else INCH,
    )  # fmt: skip


def _event(id_: str, name: str, component: str, type_: str) -> Signal:
    return Signal(id=id_, name=name, component=component, category="EVENT", type=type_)


def _condition(id_: str, name: str, component: str, type_: str) -> Signal:
    return Signal(id=id_, name=name, component=component, category="CONDITION", type=type_)


MILL: Final = Machine(
    id="km500",
    uuid="hanbit.km-500.0117",
    name="KM-500",
    manufacturer="한빛정공",
    model="KM-500",
    serial="0117",
    description="한빛정공 수직형 머시닝센터 KM-500",
    components=(
        Component("km_axes", "Axes", "axes"),
        Component("km_x", "Linear", "X", "km_axes"),
        Component("km_y", "Linear", "Y", "km_axes"),
        Component("km_z", "Linear", "Z", "km_axes"),
        Component("km_s", "Rotary", "S", "km_axes"),
        Component("km_cont", "Controller", "controller"),
        Component("km_path", "Path", "path", "km_cont"),
        Component("km_sys", "Systems", "systems"),
        Component("km_cool", "Coolant", "coolant", "km_sys"),
    ),
    signals=(
        _event("km_avail", "avail", "", "AVAILABILITY"),
        _event("km_fmode", "fmode", "", "FUNCTIONAL_MODE"),
        _inches("km_xpos", "Xpos", "km_x", "POSITION", "MILLIMETER", "INCH"),
        _inches("km_ypos", "Ypos", "km_y", "POSITION", "MILLIMETER", "INCH"),
        _inches("km_zpos", "Zpos", "km_z", "POSITION", "MILLIMETER", "INCH"),
        _sample("km_sspd", "Sspeed", "km_s", "ROTARY_VELOCITY", "REVOLUTION/MINUTE", "{rev}/min"),
        _sample("km_sload", "Sload", "km_s", "LOAD", "PERCENT", "%"),
        Signal(
            id="km_stemp",
            name="Stemp",
            component="km_s",
            category="SAMPLE",
            type="TEMPERATURE",
            units="CELSIUS",
            native_units="FAHRENHEIT",
            unit="Cel",
            # 32 F is 0 C, and nine steps of Fahrenheit are five of Celsius.
            slope=Fraction(5, 9),
            offset=Fraction(-160, 9),
        ),
        Signal(
            id="km_svib",
            name="Svib",
            component="km_s",
            category="SAMPLE",
            type="ACCELERATION",
            representation="TIME_SERIES",
            units="MILLIMETER/SECOND^2",
            native_units="MILLIMETER/SECOND^2",
            unit="mm/s2",
        ),
        _condition("km_scond", "Scond", "km_s", "LOAD"),
        _event("km_mode", "mode", "km_path", "CONTROLLER_MODE"),
        _event("km_exec", "execution", "km_path", "EXECUTION"),
        _event("km_estop", "estop", "km_cont", "EMERGENCY_STOP"),
        _event("km_prog", "program", "km_path", "PROGRAM"),
        _event("km_progc", "program_comment", "km_path", "PROGRAM_COMMENT"),
        _event("km_tool", "tool", "km_path", "TOOL_NUMBER"),
        Signal(
            id="km_parts",
            name="parts",
            component="km_path",
            category="EVENT",
            type="PART_COUNT",
            is_integer=True,
        ),
        _event("km_msg", "message", "km_path", "MESSAGE"),
        Signal(
            id="km_vars",
            name="variables",
            component="km_path",
            category="EVENT",
            type="VARIABLE",
            representation="DATA_SET",
        ),
        Signal(
            id="km_work",
            name="work_offsets",
            component="km_path",
            category="EVENT",
            type="WORK_OFFSET",
            representation="TABLE",
        ),
        _inches("km_ppos", "path_position", "km_path", "PATH_POSITION",
                "MILLIMETER_3D", "INCH_3D"),
        _inches("km_feed", "feed", "km_path", "PATH_FEEDRATE",
                "MILLIMETER/SECOND", "INCH/MINUTE"),
        _condition("km_ccond", "coolant", "km_cool", "FILL_LEVEL"),
    ),
    # The maker added a sensor and forgot the device model, as makers do.
    unlisted=(_sample("km_ph", "coolant_ph", "km_cool", "PH", "PH", "[pH]"),),
)  # fmt: skip

LATHE: Final = Machine(
    id="hl220",
    uuid="daehan.hl-220.2041",
    name="HL-220",
    manufacturer="대한선반",
    model="HL-220",
    serial="2041",
    description="대한선반 CNC 선반 HL-220",
    components=(
        Component("hl_axes", "Axes", "axes"),
        Component("hl_x", "Linear", "X1", "hl_axes"),
        Component("hl_z", "Linear", "Z1", "hl_axes"),
        Component("hl_c", "Rotary", "C1", "hl_axes"),
        Component("hl_cont", "Controller", "controller"),
        Component("hl_path", "Path", "path1", "hl_cont"),
    ),
    signals=(
        _event("hl_avail", "L_avail", "", "AVAILABILITY"),
        _sample("hl_xpos", "X1pos", "hl_x", "POSITION", "MILLIMETER", "mm"),
        _sample("hl_zpos", "Z1pos", "hl_z", "POSITION", "MILLIMETER", "mm"),
        _sample("hl_cspd", "C1speed", "hl_c", "ROTARY_VELOCITY", "REVOLUTION/MINUTE", "{rev}/min"),
        _sample("hl_cload", "C1load", "hl_c", "LOAD", "PERCENT", "%"),
        _event("hl_mode", "L_mode", "hl_path", "CONTROLLER_MODE"),
        _event("hl_exec", "L_execution", "hl_path", "EXECUTION"),
        _event("hl_estop", "L_estop", "hl_cont", "EMERGENCY_STOP"),
        _event("hl_prog", "L_program", "hl_path", "PROGRAM"),
        Signal(
            id="hl_total",
            name="L_total",
            component="hl_path",
            category="EVENT",
            type="PART_COUNT",
            sub_type="ALL",
            is_integer=True,
        ),
        Signal(
            id="hl_target",
            name="L_target",
            component="hl_path",
            category="EVENT",
            type="PART_COUNT",
            sub_type="TARGET",
            is_integer=True,
        ),
        _condition("hl_sys", "L_system", "hl_cont", "SYSTEM"),
    ),
    prefixed=True,
    digits=7,
)

MACHINES: Final = (MILL, LATHE)

_Moment = tuple[tuple[str, Said], ...]

# What happens, by beat; a signal that says again what it last said is silent.
_MILL_STORY: Final[dict[int, _Moment]] = {
    0: (
        ("avail", "AVAILABLE"), ("fmode", "PRODUCTION"), ("estop", "ARMED"),
        ("mode", "AUTOMATIC"), ("execution", "READY"), ("program", "00123"),
        ("program_comment", "하우징 1차 가공"), ("tool", "7"),
        ("Scond", Condition("NORMAL")), ("coolant", Condition("NORMAL")),
        ("variables", Entries({"v100": "1.5", "v101": "한빛 정공", "v102": "00123"})),
        ("work_offsets", Entries({"G54": {"X": "12.5", "Z": "7"}, "G55": {"X": "-3.25"}})),
        ("message", Message("M-100", "가공을 시작합니다")),
    ),
    1: (("execution", "ACTIVE"),),
    3: (("coolant_ph", "8.1"),),
    4: (
        ("tool", "00123"),
        ("variables", Entries({"v100": "2.25", "v101": "한빛 정공", "v102": "7"})),
    ),
    6: (
        ("coolant", Condition("WARNING", "CL-07", "2", "LOW", "절삭유 수위 낮음")),
        ("message", Message("M-104", "절삭유를 보충하십시오")),
    ),
    8: (("Scond", Condition("WARNING", "AL-0900", "2", "HIGH", "주축 부하 높음")),),
    # The warning still stands when the fault joins it.
    10: (
        ("Scond", Condition("FAULT", "AL-1021", "4", "HIGH", "주축 과부하")),
        ("execution", "INTERRUPTED"),
    ),
    12: (("estop", "TRIGGERED"), ("execution", "STOPPED"), ("fmode", "MAINTENANCE")),
    16: (
        ("estop", "ARMED"), ("Scond", Condition("NORMAL")), ("coolant", Condition("NORMAL")),
        ("fmode", "PRODUCTION"),
    ),
    18: (("execution", "ACTIVE"), ("program_comment", "하우징 2차 가공")),
    19: (("coolant_ph", "8.2"),),
    20: (("Stemp", UNAVAILABLE),),
    28: (("execution", "PROGRAM_COMPLETED"),),
    30: (("execution", "READY"), ("tool", "7")),
}  # fmt: skip

_LATHE_START: Final[_Moment] = (
    ("L_avail", "AVAILABLE"), ("L_estop", "ARMED"), ("L_mode", "AUTOMATIC"),
    ("L_execution", "ACTIVE"), ("L_program", "O0042"), ("L_system", Condition("NORMAL")),
    # All ones in 64 bits: how this control says that no target is set.
    ("L_target", str(2**64 - 1)),
)  # fmt: skip
_LATHE_STORY: Final[dict[int, _Moment]] = {
    0: _LATHE_START,
    5: (("L_mode", "MANUAL"),),
    7: (("L_mode", "AUTOMATIC"),),
    # Unplugged: everything is unknown, which is not the same as stopped.
    13: tuple((each.name, UNAVAILABLE) for each in LATHE.signals),
    18: _LATHE_START,
}


class Shop:
    """Tells the story, beat by beat, from ``start`` (nanoseconds since 1970) on."""

    def __init__(self, *, start: int, beat: int = SECOND, seed: int = 20260105) -> None:
        self.machines = MACHINES
        # Whole milliseconds, which is as finely as the mill's clock speaks.
        self.start = start - start % 1_000_000
        self.beat = beat
        self.beats = 0
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._said: dict[tuple[str, str], Said] = {}
        self._position = {"Xpos": FIRST_CUT, "Ypos": 80_000, "Zpos": 40_000, "X1pos": 0, "Z1pos": 0}
        self._parts = 41

    @property
    def now(self) -> int:
        """The virtual time: that of the next beat."""
        return self.start + self.beats * self.beat

    def next_beat(self) -> list[Report]:
        """What both machines say in the next beat, in the order of their clocks."""
        number, at = self.beats, self.now
        self.beats += 1
        phase = number % BEATS
        reports = [
            report(at, MILL, MILL.signal(name), said)
            for name, said in self._fresh(MILL, self._mill(phase))
        ]
        # A different clock, and finer: 100 ns, as some adapters print them.
        reports += [
            report(at + 1_234_500, LATHE, LATHE.signal(name), said)
            for name, said in self._fresh(LATHE, self._lathe(phase, number))
        ]
        return reports

    def _fresh(
        self, machine: Machine, moment: Iterator[tuple[str, Said]]
    ) -> Iterator[tuple[str, Said]]:
        happened = dict(moment)  # one word per signal and beat: the story's, else the sensor's
        for name, said in happened.items():
            if self._said.get((machine.uuid, name)) != said:
                self._said[machine.uuid, name] = said
                yield name, said

    def _walk(self, name: str, limit: int) -> int:
        step = self._random.randint(-limit // 50, limit // 50)
        self._position[name] = max(-limit, min(limit, self._position[name] + step))
        return self._position[name]

    def _mill(self, phase: int) -> Iterator[tuple[str, Said]]:
        cutting = 1 <= phase < 12 or 18 <= phase < 28
        chance = self._random
        if phase == 28:
            self._parts += 1
        yield "parts", str(self._parts)
        if phase % 4 == 0 and not 20 <= phase < 23:
            tenths = chance.randint(200, 480)
            yield "Stemp", plain(Fraction(tenths, 10) * Fraction(9, 5) + 32)
        yield "Sspeed", str(chance.randint(5_900, 6_100) if cutting else 0)
        yield "Sload", plain(Fraction(chance.randint(200, 900), 10) if cutting else Fraction(0))
        # Thirds of an inch a minute would never end as a decimal of millimetres a second.
        yield "feed", plain(Fraction(3 * chance.randint(50, 200), 10) if cutting else Fraction(0))
        if phase == 1:
            self._position["Xpos"] = FIRST_CUT
        if cutting:
            if phase != 1:
                for axis in ("Xpos", "Ypos", "Zpos"):
                    self._walk(axis, 200_000)
            axes = [
                plain(Fraction(self._position[axis], 10_000)) for axis in ("Xpos", "Ypos", "Zpos")
            ]
            yield from zip(("Xpos", "Ypos", "Zpos"), axes, strict=True)
            yield "path_position", " ".join(axes)
        if cutting and phase % 8 == 2:
            trace = (plain(Fraction(chance.randint(-5_000, 5_000), 100)) for _ in range(32))
            yield "Svib", Series(1_000, tuple(trace))
        yield from _MILL_STORY.get(phase, ())

    def _lathe(self, phase: int, number: int) -> Iterator[tuple[str, Said]]:
        chance = self._random
        if not 13 <= phase < 18:
            yield "X1pos", plain(Fraction(self._walk("X1pos", 100_000), 1_000))
            yield "Z1pos", plain(Fraction(self._walk("Z1pos", 300_000), 1_000))
            yield "C1speed", str(chance.randint(1_180, 1_220))
            yield "C1load", plain(Fraction(chance.randint(100, 600), 10))
            # One more than a double can count to: a reader that goes through one is found out.
            yield "L_total", str(2**53 + 1 + 2 * (number // 8))
        yield from _LATHE_STORY.get(phase, ())
