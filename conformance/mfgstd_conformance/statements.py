"""What a supplier states about the product: its name and release, and what it can do.

A missing declaration of capabilities is never read as an empty one: without it the product is
held to every capability that its way of access can show.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mfgstd.adapters.registry import GROUP
from mfgstd.errors import UsageError
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd.validation.reader import read
from mfgstd_conformance import canonical, formats
from mfgstd_conformance.drivers.base import Described, Limits
from mfgstd_conformance.planned import Subject
from mfgstd_conformance.profiles import Access

if TYPE_CHECKING:
    from mfgstd_conformance.drivers import Product
    from mfgstd_conformance.profiles import Profile

_LIMIT: Final = 1 << 20
#: Adapters hand over documents; the runtime puts them into envelopes.
_NOT_SHOWN: Final = {Access.PYTHON: frozenset({"envelopes"})}
UNDECLARED: Final = "undeclared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The product and its capabilities; ``None`` where it does not declare any."""

    subject: Subject
    capabilities: tuple[str, ...] | None
    described: Described | None = None


def state(
    product: Product,
    *,
    file: Path | None,
    name: str | None,
    version: str | None,
    supplier: str | None,
    capabilities: tuple[str, ...] | None,
) -> Statement:
    """Put together what was stated, and what the product says of itself where nothing was.

    Raises:
        UsageError: the file is not a statement.
        SetUpBroken: the product cannot be asked.
        PlanRefused: the version does not name one release.
    """
    told = {"name": name, "version": version, "supplier": supplier}
    if file is not None:
        value = _read(file)
        told = {part: told[part] or value["product"][part] for part in told}
        capabilities = tuple(value["capabilities"]) if capabilities is None else capabilities
    described = None
    if product.access is Access.PYTHON:
        from mfgstd_conformance.drivers.python import describe

        described = asyncio.run(describe(product.target, Limits()))
        own = {
            "name": described.name,
            "version": described.version,
            "supplier": _supplier(product.target),
        }
    else:
        path = Path(product.target)
        own = {
            "name": path.name or str(path),
            "version": _version(path) if told["version"] is None else "",
            "supplier": UNDECLARED,
        }
    return Statement(
        subject=Subject(**{part: told[part] or own[part] for part in own}),
        capabilities=capabilities,
        described=described,
    )


def all_capabilities(profile: Profile, access: Access) -> tuple[str, ...]:
    """Every capability of a profile that this way of access can show."""
    hidden = _NOT_SHOWN.get(access, frozenset())
    return tuple(each for each in profile.capabilities if each not in hidden)


def _read(path: Path) -> dict[str, dict[str, str]]:
    place = Place(path=str(path))
    try:
        with path.open("rb") as stream:
            text = read(stream.read(_LIMIT))
    except OSError as error:
        raise _wrong(error.strerror or str(error), place) from None
    if not text.ok:
        raise _wrong(text.findings[0].message.en, place)
    for where, what in formats.violations("sut", text.value):
        raise _wrong(f"{where}: {what}" if where else what, place)
    value: dict[str, dict[str, str]] = text.value
    return value


def _wrong(what: str, place: Place) -> UsageError:
    return UsageError(
        Text(
            f"This is not a statement about a product: {what}",
            f"올바른 제품 진술서가 아닙니다: {what}",
        ),
        place=place,
    )


def _supplier(target: str) -> str:
    for each in entry_points(group=GROUP, name=target):
        if each.dist is not None:
            return each.dist.metadata["Name"] or UNDECLARED
    return UNDECLARED


def _version(path: Path) -> str:
    """Files have no version but what they are: a digest of their names and contents."""
    try:
        files = sorted(each for each in path.rglob("*") if each.is_file()) or [path]
        lines = [f"{each.name} {canonical.sha256_of_file(each)}" for each in files]
    except OSError as error:
        raise UsageError(
            Text(
                f"The file cannot be read: {error.strerror or error}.",
                f"파일을 읽을 수 없습니다: {error.strerror or error}",
            ),
            place=Place(path=str(path)),
        ) from error
    return "sha256-" + canonical.sha256("\n".join(lines).encode())[:16]
