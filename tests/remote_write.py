"""A sample handed to a Prometheus that takes what is written to it: it is there when this returns."""

from __future__ import annotations

import struct
import time
from urllib.request import ProxyHandler, Request, build_opener

_HEADERS = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}


def write_sample(url: str, name: str, value: float) -> None:
    label = _part(1, b"__name__") + _part(2, name.encode())
    moment = int(time.time() * 1000)
    sample = b"\x09" + struct.pack("<d", value) + b"\x10" + _varint(moment)
    body = _part(1, _part(1, label) + _part(2, sample))
    with build_opener(ProxyHandler({})).open(Request(f"{url}/api/v1/write", _snappy(body), _HEADERS)):
        pass


def _part(number: int, content: bytes) -> bytes:
    """A field of a protobuf message that is a text or a message itself."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])


def _snappy(content: bytes) -> bytes:
    """Nothing compressed: one literal, which may be of 256 bytes."""
    return _varint(len(content)) + bytes([60 << 2, len(content) - 1]) + content
