"""Scripts for a server that answers range queries point by point, as Prometheus would."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs

from tests.scripted_server import Exchange, Script, http


@dataclass(frozen=True)
class Asked:
    """What a request asks for: moments in milliseconds."""

    start: int
    end: int
    step: int

    @property
    def moments(self) -> range:
        return range(self.start, self.end + 1, self.step)


def asked(request: bytes) -> Asked:
    head, _, body = request.partition(b"\r\n\r\n")
    target = head.split(b" ")[1].partition(b"?")[2]
    words = {name: values[0] for name, values in parse_qs((target or body).decode()).items()}
    step = int(words["step"][:-2]) if words["step"].endswith("ms") else int(words["step"]) * 1000
    return Asked(round(float(words["start"]) * 1000), round(float(words["end"]) * 1000), step)


def answering(respond: Callable[[Asked], bytes], seen: list[Asked] | None = None) -> Script:
    """Every request on every connection; what was asked is kept in `seen`."""

    def answer(exchange: Exchange) -> None:
        while exchange.request:
            question = asked(exchange.request)
            if seen is not None:
                seen.append(question)
            exchange.send(respond(question))
            exchange.request = exchange.next()

    return answer


def matrix(*series: tuple[dict[str, str], Iterable[tuple[int, str]]], **more: object) -> bytes:
    """A whole reply; each series with its labels and its samples, in milliseconds, written as Prometheus does."""
    result = [
        {
            "metric": labels,
            "values": [[moment // 1000 if moment % 1000 == 0 else moment / 1000, text] for moment, text in samples],
        }
        for labels, samples in series
    ]
    document = {"status": "success", "data": {"resultType": "matrix", "result": result}, **more}
    return http(json.dumps(document, separators=(",", ":")))
