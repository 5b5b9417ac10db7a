"""An hour of a made-up shop, up to a quarter of an hour after now, in which every kind of answer can be found."""

from __future__ import annotations

from collections.abc import Callable, Iterator

_STEP = 15
_BEFORE, _AFTER = 3600, 900
GONE = 1800
"""Seconds before now at which the old machine was switched off."""


def shop_history(now: int) -> str:
    """OpenMetrics text. Ten requests a second, one of 200 fails; nobody uses the wish list; one machine is gone."""
    seconds = range(0, _BEFORE + _AFTER + 1, _STEP)
    start = now - _BEFORE

    def samples(series: str, value: Callable[[int], float | str], until: int = _BEFORE + _AFTER) -> Iterator[str]:
        return (f"{series} {value(second)} {start + second}" for second in seconds if second <= until)

    lines = ["# TYPE http_requests counter"]
    lines += samples('http_requests_total{instance="a"}', lambda second: 6 * second)
    lines += samples('http_requests_total{instance="b"}', lambda second: 4 * second)
    lines += ["# TYPE http_errors counter", *samples("http_errors_total", lambda second: second / 20)]
    lines += ["# TYPE wishes counter", *samples("wishes_total", lambda _: 7)]
    lines += ["# TYPE wish_errors counter", *samples("wish_errors_total", lambda _: 0)]
    lines += ["# TYPE http_seconds histogram"]
    lines += samples('http_seconds_bucket{le="0.005"}', lambda second: 9 * second)
    lines += samples('http_seconds_bucket{le="0.01"}', lambda second: 10 * second)
    lines += samples('http_seconds_bucket{le="+Inf"}', lambda second: 10 * second)
    lines += samples("http_seconds_count", lambda second: 10 * second)
    lines += samples("http_seconds_sum", lambda second: second / 20)
    lines += ["# TYPE cache_hit_rate gauge"]
    lines += samples('cache_hit_rate{instance="a"}', lambda _: 0.78)
    lines += samples('cache_hit_rate{instance="b"}', lambda _: 0.65)
    lines += ["# TYPE memory_bytes gauge", *samples("memory_bytes", lambda _: 85_000_000)]
    lines += ["# TYPE odd gauge"]
    lines += samples('odd{kind="nan"}', lambda _: "NaN")
    lines += samples('odd{kind="plus"}', lambda _: "+Inf")
    lines += samples('odd{kind="minus"}', lambda _: "-Inf")
    lines += ["# TYPE old_machine gauge", *samples("old_machine", lambda _: 1, until=_BEFORE - GONE)]
    return "\n".join((*lines, "# EOF", ""))
