"""``mfgstd simulate``: simulated machines to point a client, a gateway or an adapter at.

It prints what a client needs to connect, and runs until it is stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import signal
import socket
from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import Annotated, Final

import typer

from mfgstd.errors import ConfigError, UsageError
from mfgstd.finding import Place, show
from mfgstd.language import Text
from mfgstd_conformance.peers.running import RunningShop

_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h)?")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}


def simulate(
    agent_port: Annotated[
        int,
        typer.Option(
            min=0,
            max=65535,
            help=str(
                Text(
                    "Port of the MTConnect agent; 0 takes a free one.",
                    "MTConnect 에이전트의 포트입니다. 0이면 비어 있는 포트를 사용합니다.",
                )
            ),
        ),
    ] = 0,
    shdr_port: Annotated[
        int,
        typer.Option(
            min=0,
            max=65535,
            help=str(
                Text(
                    "Port of the SHDR adapter; 0 takes a free one.",
                    "SHDR 어댑터의 포트입니다. 0이면 비어 있는 포트를 사용합니다.",
                )
            ),
        ),
    ] = 0,
    bind: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help=str(
                Text(
                    "Address to listen on; anything but loopback is open to the network.",
                    "수신 대기할 주소입니다. 루프백이 아니면 네트워크에 공개됩니다.",
                )
            ),
        ),
    ] = "127.0.0.1",
    duration: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="TIME",
            help=str(
                Text(
                    "Stop after this time (10s, 5m, 1h); otherwise at Ctrl-C.",
                    "이 시간이 지나면 종료합니다(10s, 5m, 1h). 생략하면 Ctrl-C로 종료합니다.",
                )
            ),
        ),
    ] = "",
    write_device_model: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=str(
                Text(
                    "Write the machines' device model here; SHDR clients need it.",
                    "설비의 장치 모델을 이 파일에 저장합니다. SHDR 클라이언트에 필요합니다.",
                )
            ),
        ),
    ] = None,
) -> None:
    """Run simulated machines that speak real protocols."""
    seconds = parse_duration(duration) if duration else None
    asyncio.run(_simulate(agent_port, shdr_port, bind, seconds, write_device_model))


def parse_duration(text: str) -> float:
    """Seconds of ``90``, ``500ms``, ``10s``, ``5m`` or ``1h``.

    Raises:
        UsageError: it is none of these.
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise UsageError(
            Text(
                f"--for {show(text)} is not a duration.",
                f"--for {show(text)}은(는) 올바른 시간이 아닙니다.",
            ),
            hint=Text("Write it like 10s, 5m or 1h.", "10s, 5m, 1h와 같이 지정하십시오."),
        )
    return float(found[1]) * _SECONDS[found[2]]


async def _simulate(
    agent_port: int, shdr_port: int, bind: str, seconds: float | None, model: Path | None
) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(each, stopped.set)
        except (NotImplementedError, RuntimeError):
            break  # Windows: Ctrl-C arrives as KeyboardInterrupt
    async with RunningShop(bind=bind, agent_port=agent_port, shdr_port=shdr_port) as running:
        if model is not None:
            write_model(running, model)
        if not _is_loopback(bind):
            typer.echo(
                Text(
                    f"Warning: {bind} is open to the network, and these servers ask nobody "
                    "who they are.",
                    f"경고: {bind} 주소는 네트워크에 공개되며, 이 서버들은 접속자를 인증하지 "
                    "않습니다.",
                ),
                err=True,
            )
        _print_sheet(running, model, seconds)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), seconds)
    typer.echo(str(Text("Stopped.", "종료했습니다.")))


def write_model(running: RunningShop, path: Path) -> None:
    """Write the device model that the agent answers to ``/probe``.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        path.write_bytes(running.agent.buffer.probe(None))
    except OSError as error:
        raise ConfigError(
            Text(
                f"The device model cannot be written: {error.strerror}.",
                f"장치 모델을 저장할 수 없습니다: {error.strerror}.",
            ),
            place=Place(path=str(path)),
        ) from error


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _reachable(url: str) -> str:
    """The URL as another computer may use it: nobody can connect to "every address"."""
    return url.replace("//0.0.0.0:", f"//{socket.gethostname()}:")


def _print_sheet(running: RunningShop, model: Path | None, seconds: float | None) -> None:
    agent, shdr = (_reachable(url) for url in (running.agent.url, running.shdr.url))
    probe = agent + "/probe"
    elsewhere = Text(
        f"from {probe}, or --write-device-model FILE",
        f"{probe} 또는 --write-device-model FILE",
    )
    written = str(model or elsewhere)
    rows = [
        (Text("MTConnect agent", "MTConnect 에이전트"), agent),
        (Text("  probe", "  probe"), probe),
        (Text("  current", "  current"), agent + "/current"),
        (Text("  sample", "  sample"), agent + "/sample?interval=1000"),
        (Text("SHDR adapter", "SHDR 어댑터"), shdr),
        (Text("Device model", "장치 모델"), written),
    ]
    names = ", ".join(f"{each.name} ({each.manufacturer})" for each in running.shop.machines)
    typer.echo(str(Text(f"Simulated machines: {names}", f"모의 설비: {names}")))
    for name, value in rows:
        typer.echo(f"  {name}: {value}")
    typer.echo(
        str(
            Text("Stops at Ctrl-C.", "Ctrl-C를 누르면 종료합니다.")
            if seconds is None
            else Text(f"Stops after {seconds:g} s.", f"{seconds:g}초 후에 종료합니다.")
        )
    )
