"""Being stopped from outside: SIGTERM ends a command as Ctrl-C does, with everything put away."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def stopped_cleanly() -> Iterator[None]:
    """Let SIGTERM raise what Ctrl-C raises.

    Its default would leave behind whatever stands in temporary places, and products that run. Who
    asks a second time is in a hurry and gets just that. A SIGTERM that is ignored stays ignored.
    """
    if threading.current_thread() is not threading.main_thread() or (
        signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
    ):
        yield
        return
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _interrupt(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if callable(signal.getsignal(signal.SIGINT)):
        # Event loops and others have a way of their own to end.
        signal.raise_signal(signal.SIGINT)
    else:
        # What is started in the background ignores Ctrl-C.
        raise KeyboardInterrupt
