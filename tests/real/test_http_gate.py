"""What a hostile, broken or odd server says to a gate that asks it, over real sockets, and whose fault that is."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.gates.http import ExpectedResponse, Method
from rollout.model.verdicts import Outcome
from tests.http_servers import CHUNKED, GOOD, HEAD, close, judged, reset, saying
from tests.scripted_server import Exchange, Script, http, scripted_server

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


REFUSED, CLOSED, BROKEN = "the connection is refused", "the connection was closed", "the connection broke off"
NO_HTTP, TOO_LARGE = "what it says is no valid HTTP", "its body is larger than 1 MiB"
BOMB = gzip.compress(bytes(100 * 2**20), compresslevel=1)

ANSWERS: dict[str, tuple[Script, Outcome, str]] = {
    "good": (http(GOOD), PASS, "answers 200 in "),
    "good, without a length": (HEAD + b"\r\n" + GOOD.encode(), PASS, ""),
    "good, of HTTP 1.0": (b"HTTP/1.0 200 OK\r\n\r\n" + GOOD.encode(), PASS, ""),
    "good, in chunks": (
        saying(CHUNKED, b"7\r\n" + GOOD[:7].encode(), b"\r\n9\r\n", b'": "ok"}\r\n0\r\n\r\n'),
        FAIL,
        "",
    ),
    "good, byte by byte": (saying(*(bytes([byte]) for byte in http(GOOD))), PASS, ""),
    "good, called HTML": (http(GOOD, Content_Type="text/html"), PASS, ""),
    "good, with odd cookies": (http(GOOD, Set_Cookie="a=b; expires=Thu, 99 Foo 99999999 99:99:99 GMT"), PASS, ""),
    "good, after other bytes": (http(GOOD) + b"HTTP/1.1 500 No\r\n\r\n", PASS, ""),
    "good, after 100 Continue": (b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + http(GOOD), PASS, ""),
    "good, after early hints": (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + http(GOOD), PASS, ""),
    "reset": (reset, FAIL, f"gives no whole answer: {BROKEN}"),
    "closed without a byte": (close, FAIL, f"gives no whole answer: {CLOSED}"),
    "closed within its first line": (saying(b"HTTP/1.1 20"), FAIL, CLOSED),
    "closed within its headers": (saying(HEAD + b"X: "), FAIL, CLOSED),
    "closed within its body": (saying(http(GOOD, Content_Length="99")), FAIL, f"{CLOSED} (after status 200)"),
    "closed within a chunk": (saying(CHUNKED, b"ff\r\n{"), FAIL, f"{CLOSED} (after status 200)"),
    "closed without a last chunk": (saying(CHUNKED, b"2\r\n{}\r\n"), FAIL, f"{CLOSED} (after status 200)"),
    "reset within its body": (
        saying(http(GOOD, Content_Length="99"), then=reset),
        FAIL,
        f"{BROKEN} (after status 200)",
    ),
    "no HTTP": (saying(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), FAIL, NO_HTTP),
    "HTTP 0.9": (saying(b"<html>hello</html>"), FAIL, ""),
    "HTTP 2": (saying(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0"), FAIL, ""),
    "no status": (saying(b"HTTP/1.1 OK\r\n\r\n"), FAIL, NO_HTTP),
    "status 99": (saying(b"HTTP/1.1 099 X\r\n\r\n"), FAIL, ""),
    "status 999": (http("", "999 X"), FAIL, "answers 999, expected 2xx"),
    "a NUL in its headers": (saying(HEAD + b"X: \0\r\n\r\n"), FAIL, NO_HTTP),
    "a header without a colon": (saying(HEAD + b"canary\r\n\r\n"), FAIL, NO_HTTP),
    "two lengths": (saying(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"), FAIL, NO_HTTP),
    "a negative length": (http(GOOD, Content_Length="-1"), FAIL, NO_HTTP),
    "a chunk of no size": (saying(CHUNKED, b"zz\r\n{}\r\n0\r\n\r\n"), FAIL, f"{NO_HTTP} (after status 200)"),
    "a chunk longer than it says": (saying(CHUNKED, b"1\r\n{}\r\n0\r\n\r\n"), FAIL, NO_HTTP),
    "a huge chunk size": (saying(CHUNKED, b"f" * 30 + b"\r\n{}"), FAIL, NO_HTTP),
    "an unknown transfer": (http(GOOD, Transfer_Encoding="gzip"), FAIL, NO_HTTP),
    "a huge header": (http(GOOD, X="x" * 300_000), FAIL, NO_HTTP),
    "many headers": (http(GOOD, **{f"X{number}": "x" * 60 for number in range(5000)}), FAIL, NO_HTTP),
    "nothing": (http("", "204 No Content"), UNKNOWN, "answers with an empty body, which is no JSON"),
    "not modified": (http("", "304 Not Modified"), FAIL, "answers 304, expected 2xx"),
    "another protocol": (saying(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nx"), FAIL, NO_HTTP),
    "an error": (http(GOOD, "503 Unavailable"), FAIL, "answers 503, expected 2xx"),
    "a wish for credentials": (http(GOOD, "401 Unauthorized", WWW_Authenticate="Basic"), FAIL, "answers 401"),
    "a wish of a proxy": (http(GOOD, "407 Proxy"), FAIL, "answers 407, expected 2xx"),
    "a redirect": (
        http("", "302 Found", Location="/login?next=canary"),
        FAIL,
        "redirects to /login (302), which is not followed",
    ),
    "a redirect to itself": (http("", "308 X", Location="."), FAIL, "redirects to . (308)"),
    "a redirect to nowhere": (http("", "302 Found"), FAIL, "answers 302, expected 2xx"),
    "a redirect to nonsense": (http("", "302 Found", Location="http://[canary@:x"), FAIL, "to http://:x"),
    "a login page": (http("<html>Log in</html>", Content_Type="text/html"), UNKNOWN, "begins with '<html>Log in"),
    "half of JSON": (http(GOOD[:-1]), UNKNOWN, "no whole JSON"),
    "deep JSON": (http("[" * 500_000), UNKNOWN, "nested too deeply"),
    "NaN": (http('{"status": "ok", "load": NaN}'), UNKNOWN, "NaN"),
    "two keys": (http('{"status": "down", "status": "ok"}'), UNKNOWN, "a key stands twice"),
    "another encoding": (http(GOOD.encode("utf-16"), Content_Type="application/json"), UNKNOWN, "no whole JSON"),
    "another value": (http('{"status": "down"}'), FAIL, 'says that status is "down", expected "ok"'),
    "another path": (http('{"state": "ok"}'), UNKNOWN, "answers with JSON that has no status"),
    "much": (http(b" " * 2**20 + GOOD.encode()), UNKNOWN, f"answers 200, but {TOO_LARGE}"),
    "as much as may be": (http(b" " * (2**20 - len(GOOD)) + GOOD.encode()), PASS, ""),
    "a packed bomb": (http(BOMB, Content_Encoding="gzip"), UNKNOWN, "its body is packed as 'gzip'"),
    "an unknown packing": (http(GOOD, Content_Encoding="x\u00ff"), UNKNOWN, ""),
    "a claim of packing": (http(GOOD, Content_Encoding="gzip"), UNKNOWN, "its body is packed as 'gzip'"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_judged_whatever_it_is(name: str) -> None:
    script, outcome, said = ANSWERS[name]
    with scripted_server(script) as server:
        finding = judged(f"{server.url}/health")
    assert finding.outcome is outcome, finding.reason
    assert said in finding.reason
    assert finding.reason.startswith(f"{server.url}/health ")
    assert finding.reason.isprintable()
    assert len(finding.reason) < 200
    assert "canary" not in finding.reason
    assert len(server.requests) == 1


def test_a_body_without_end_is_read_as_far_as_one_mebibyte_and_no_further() -> None:
    sent = []

    def flood(exchange: Exchange) -> None:
        exchange.send(HEAD + b"\r\n")
        while not exchange.stopping.is_set():
            exchange.send(bytes(2**16))
            sent.append(2**16)

    with scripted_server(flood) as server:
        assert TOO_LARGE in judged(server.url).reason
        assert judged(server.url, ExpectedResponse()).outcome is PASS
    assert sum(sent) < 32 * 2**20  # what the system's own buffers swallow included


@pytest.mark.parametrize("method", Method)
def test_every_method_is_asked_as_it_is_written(method: Method) -> None:
    with scripted_server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as server:
        assert judged(f"{server.url}/a%20b?c=d#e", ExpectedResponse(), method).outcome is PASS
    assert server.requests[0].startswith(f"{method} /a%20b?c=d HTTP/1.1\r\n".encode())


def test_the_answer_to_head_has_no_body_whatever_its_length_says() -> None:
    with scripted_server(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n") as server:
        assert judged(server.url, ExpectedResponse(), Method.HEAD).outcome is PASS


GARBAGE = st.lists(
    st.sampled_from([b"HTTP/1.1 ", b"200 ", b"OK", b"\r\n", b"\n", b":", b" ", b"Content-Length", b"5", b"\r\n\r\n"])
    | st.sampled_from([b"Transfer-Encoding: chunked", b"Connection", b"Location", b"Content-Encoding", b"\0", b"\xff"])
    | st.binary(max_size=8),
    max_size=16,
).map(b"".join)


def test_no_bytes_of_a_server_raise_hang_or_pass() -> None:
    script: list[bytes] = [b""]

    def last(exchange: Exchange) -> None:
        exchange.send(script[-1])

    with scripted_server(last) as server:

        @settings(max_examples=60, deadline=None)
        @given(GARBAGE, st.booleans())
        def ask(garbage: bytes, whole_head: bool) -> None:
            script.append(HEAD + garbage if whole_head else garbage)
            finding = judged(server.url, patience=timedelta(seconds=5))
            assert finding.outcome in (FAIL, UNKNOWN)
            assert finding.reason.isprintable()

        ask()
