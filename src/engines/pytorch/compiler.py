"""torch.compile (2.0 and later), where it pays: it takes a minute or more, and needs a C++ compiler or Triton."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import torch

HAS_COMPILER = hasattr(torch, "compile")
# So long a program runs as it is first: a training that is over by then has no use for a compiler.
PATIENCE_SECONDS = 60.0
TRIED_STEPS = 5

# A compiler takes much longer for longer programs, and nothing can stop it.
LARGEST_PROGRAM = 4000

Function = Callable[[dict, dict], list]


def may_pay(device: torch.device, nodes: list) -> bool:
    """On the processor a training that is resumed gives the same bits, which what is chosen by time would not."""
    return HAS_COMPILER and device.type != "cpu" and len(nodes) <= LARGEST_PROGRAM


class Fastest:
    """A program as it is, until the compiled one was found to be faster; which stays then. One that cannot be compiled stays
    as it is. `wait` returns when the device has computed all that it was given."""

    def __init__(self, plain: Function, compiled: Callable[[], Function], wait: Callable[[], None]):
        self._current, self._plain, self._compiled, self._wait = plain, plain, compiled, wait
        self._seconds: list[float] = []
        self._spent = 0.0
        self._plain_seconds: float | None = None
        self._decided = False

    def __call__(self, state: dict, batch: dict) -> list:
        if self._decided:
            return self._current(state, batch)
        began = time.perf_counter()
        values = self._run(state, batch)
        self._wait()
        took = time.perf_counter() - began
        self._spent += took
        self._seconds = [*self._seconds[1 - TRIED_STEPS :], took]
        self._consider()
        return values

    def _run(self, state: dict, batch: dict) -> list:
        if self._current is self._plain:
            return self._plain(state, batch)
        try:
            return self._current(state, batch)
        except Exception as error:  # noqa: BLE001 - a compiler may fail in any way, and the program needs none
            print(f"torch.compile: {error}", file=sys.stderr)
        # Here what the failed step had made is gone with its exception.
        self._take(self._plain)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return self._plain(state, batch)

    def _consider(self) -> None:
        if self._decided or len(self._seconds) < TRIED_STEPS:
            return
        typical = statistics.median(self._seconds)
        if self._plain_seconds is not None:
            self._take(self._current if typical < self._plain_seconds else self._plain)
        elif self._spent >= PATIENCE_SECONDS:
            self._plain_seconds, self._seconds = typical, []
            try:
                self._current = self._compiled()
            except Exception as error:  # noqa: BLE001 - it says at once that it does not work here
                print(f"torch.compile: {error}", file=sys.stderr)
                self._take(self._plain)

    def _take(self, function: Function) -> None:
        self._current, self._decided = function, True
