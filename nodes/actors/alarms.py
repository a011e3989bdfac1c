"""Which point must be woken when: one timer for all points, set only while something is due."""

import heapq
from collections.abc import Callable

from nodes.ports import Buggify, Clock, Timer

_OFF_MS = 1_000
"""How far a timer that misbehaves is off."""


class Alarms:
    """At most one alarm per point. Setting it again replaces it, at O(log n); a replaced entry is skipped when it surfaces."""

    def __init__(
        self, clock: Clock, wake: Callable[[str], None], *, burst: int, buggify: Buggify | None = None
    ) -> None:
        self._clock = clock
        self._wake = wake
        self._burst = burst
        self._buggify = buggify
        self._due_ms: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []
        self._timer: Timer | None = None
        self._timer_ms = 0
        self._stopped = False

    def __len__(self) -> int:
        return len(self._due_ms)

    def set(self, point_id: str, due_ms: int | None) -> None:
        """Wake the point at that civil time; None: do not."""
        if self._stopped or due_ms == self._due_ms.get(point_id):
            return
        if due_ms is None:
            del self._due_ms[point_id]
            return
        self._due_ms[point_id] = due_ms
        heapq.heappush(self._heap, (due_ms, point_id))
        if len(self._heap) > 64 + 4 * len(self._due_ms):
            self._heap = [(due, point) for point, due in self._due_ms.items()]
            heapq.heapify(self._heap)
        self._arm()

    def stop(self) -> None:
        """Wake nobody any more, whatever is set from now on."""
        self._stopped = True
        self._due_ms.clear()
        self._heap.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        due_ms = self._heap[0][0]
        if self._timer is not None:
            if self._timer_ms <= due_ms:
                return
            self._timer.cancel()
        self._timer_ms = due_ms
        if self._buggify is not None:
            due_ms = self._off(due_ms, self._buggify)
        self._timer = self._clock.call_at_ms(due_ms, self._ring)

    def _off(self, due_ms: int, buggify: Buggify) -> int:
        """Return when the timer rings that should ring at ``due_ms``; never early twice, which would be for ever."""
        if due_ms - self._clock.now_ms() > _OFF_MS and buggify("alarms.early"):
            return due_ms - _OFF_MS
        return due_ms + _OFF_MS if buggify("alarms.late") else due_ms

    def _ring(self) -> None:
        self._timer = None
        now_ms = self._clock.now_ms()
        woken = 0
        while self._heap and self._heap[0][0] <= now_ms and woken < self._burst:
            due_ms, point_id = heapq.heappop(self._heap)
            if self._due_ms.get(point_id) == due_ms:
                del self._due_ms[point_id]
                woken += 1
                self._wake(point_id)
        if self._heap:
            self._arm()
