"""What the log process has answered and taken since it started: plain numbers, no locks.

Everything here is added to by the event loop alone.
"""

from __future__ import annotations

from zhiyin.kernel.exposition import Durations, Family, Labels, counter, histogram


class Tally:
    """Counts, by labels that nobody outside can make more of."""

    def __init__(self) -> None:
        self.requests: dict[tuple[str, int], int] = {}
        self.durations: dict[str, Durations] = {}
        self.events: dict[tuple[str, str], tuple[int, int]] = {}
        self.refused_events: dict[str, int] = {}
        self.refused_requests: dict[str, int] = {}

    def answered(self, route: str, status: int, seconds: float) -> None:
        """A request was answered; `status` is 0 where the visitor left before."""
        key = (route, status)
        self.requests[key] = self.requests.get(key, 0) + 1
        durations = self.durations.get(route)
        if durations is None:
            durations = self.durations[route] = Durations()
        durations.add(seconds)

    def taken(self, workspace: str, source: str, events: int, size: int) -> None:
        """A body of `size` bytes with so many events is on disk."""
        key = (workspace, source)
        before, bytes_before = self.events.get(key, (0, 0))
        self.events[key] = (before + events, bytes_before + size)

    def refused(self, code: str) -> None:
        """A request to take events was refused as a whole."""
        self.refused_requests[code] = self.refused_requests.get(code, 0) + 1

    def refused_event(self, code: str) -> None:
        """One event of a request was refused."""
        self.refused_events[code] = self.refused_events.get(code, 0) + 1

    def families(self) -> list[Family]:
        """Everything for ``/metrics``."""
        requests: dict[Labels, float] = {
            (("route", route), ("status", str(status) if status else "none")): count
            for (route, status), count in self.requests.items()
        }
        return [
            counter(
                "zhiyin_http_requests_total",
                "Requests at the public address; status none: the caller left before the answer.",
                requests,
            ),
            histogram(
                "zhiyin_http_request_duration_seconds",
                "From the head of a request to the end of its answer.",
                {(("route", route),): taken for route, taken in self.durations.items()},
            ),
            counter(
                "zhiyin_events_taken_total",
                "Events that are on disk and were acknowledged, repeats among them.",
                {_of(key): events for key, (events, _bytes) in self.events.items()},
            ),
            counter(
                "zhiyin_events_taken_bytes_total",
                "Bytes of the unpacked bodies that were acknowledged.",
                {_of(key): size for key, (_events, size) in self.events.items()},
            ),
            counter(
                "zhiyin_events_refused_total",
                "Events that became dead letters, by reason.",
                _by_reason(self.refused_events),
            ),
            counter(
                "zhiyin_intake_requests_refused_total",
                "Requests to take events that were refused as a whole, by reason.",
                _by_reason(self.refused_requests),
            ),
        ]


def _of(key: tuple[str, str]) -> Labels:
    workspace, source = key
    return (("workspace", workspace), ("source", source))


def _by_reason(counts: dict[str, int]) -> dict[Labels, float]:
    return {(("reason", code),): count for code, count in counts.items()}
