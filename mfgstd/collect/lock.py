"""One folder, one collection at a time: two would write into each other's files.

The system lets go of the lock when a process ends, however it ends; a lock file that a power cut
left behind hinders nobody.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from mfgstd.errors import UsageError
from mfgstd.finding import Place
from mfgstd.language import Text

if TYPE_CHECKING:
    from pathlib import Path

#: The name of the lock file; it is there only while somebody collects.
NAME: Final = ".lock"


class Lock:
    """Held from its making to :meth:`release`.

    Raises:
        UsageError: another process, or another collection of this one, holds it.
        OSError: the folder cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        while True:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                taken = _take(self._descriptor)
            except BaseException:
                os.close(self._descriptor)
                raise
            if not taken:
                os.close(self._descriptor)
                raise _held(folder)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(self._descriptor), self._path.stat()):
                    return
            # Its holder deleted the file between our opening and our locking it.
            os.close(self._descriptor)

    def release(self) -> None:
        """Let others collect here; safe to call again."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor < 0:
            return
        if sys.platform != "win32":
            # Deleted while it is still ours; Windows deletes no open file.
            self._path.unlink(missing_ok=True)
        os.close(descriptor)
        if sys.platform == "win32":
            with suppress(OSError):
                self._path.unlink()


def _take(descriptor: int) -> bool:
    """Lock the file without waiting; whether it is ours now."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some network shares know no locks; there it is up to the user.
        return True
    return True


def _held(folder: Path) -> UsageError:
    return UsageError(
        Text(
            "Another collection is writing into this folder.",
            "다른 수집이 이 폴더에 쓰고 있습니다.",
        ),
        place=Place(path=str(folder)),
        hint=Text(
            "Wait until it ends, or choose another folder with --to.",
            "끝날 때까지 기다리거나 --to로 다른 폴더를 지정하십시오.",
        ),
    )
