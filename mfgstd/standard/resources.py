"""Where the data of the standard lies: in the checkout when there is one, else in the wheel.

An editable install leaves a stale copy of the data in site-packages, so the checkout is looked
for first, relative to this very file.
"""

from __future__ import annotations

from pathlib import Path

from mfgstd.errors import StandardError
from mfgstd.language import Text

_PACKAGE = Path(__file__).resolve().parent.parent


def checkout() -> Path | None:
    """The root of the checkout that this package runs from, if it does."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "schemas").is_dir() else None


def root(shelf: str) -> Path:
    """The folder of one data shelf: ``schemas``, ``requirements`` or ``profiles``."""
    source = checkout()
    if source is not None:
        in_checkout = source / (shelf if shelf == "schemas" else f"conformance/{shelf}")
        if in_checkout.is_dir():
            return in_checkout
    in_wheel = _PACKAGE / "_data" / shelf
    if in_wheel.is_dir():
        return in_wheel
    raise StandardError(
        Text(
            f"The installation of mfgstd has no {shelf!r} folder.",
            f"설치된 mfgstd에 {shelf!r} 폴더가 없습니다.",
        ),
        hint=Text(
            "Install it again: pip install --force-reinstall mfgstd",
            "다시 설치하십시오: pip install --force-reinstall mfgstd",
        ),
    )
