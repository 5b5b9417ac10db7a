"""Whose fault it is that an address gave no reply. Messages of the libraries repeat what a server said: none is shown.

Importing this loads httpx.
"""

from __future__ import annotations

import socket
import ssl

import httpx

from rollout.frozen import dataclass


@dataclass(frozen=True)
class Fault:
    """`own`: the service, or whoever else was reached, is at fault, and not the way to it or the question."""

    why: str
    own: bool = False


def fault_of(error: Exception, *, connected: bool) -> Fault | None:
    """None: it was too late."""
    cause = _innermost(error)
    if isinstance(cause, TimeoutError | httpx.TimeoutException):
        return None
    return _of_system(cause, connected) if isinstance(cause, OSError) else _of_protocol(error)


def _of_system(cause: OSError, connected: bool) -> Fault:
    match cause:
        case socket.gaierror():
            return Fault("its name cannot be resolved")
        case ssl.SSLCertVerificationError(verify_message=why):
            return Fault(f"its certificate is not trusted ({why}); SSL_CERT_FILE says who is")
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return Fault("the connection was closed", own=True)
        case ssl.SSLError(reason=why):
            return Fault(f"TLS fails ({why})")
        case ConnectionRefusedError():
            return Fault("the connection is refused", own=True)
        case _ if connected:
            return Fault("the connection broke off", own=True)
        case _:
            return Fault(f"no way leads there ({cause.strerror})")


def _of_protocol(error: Exception) -> Fault:
    match error:
        case httpx.ProxyError():
            return Fault(f"it refuses ({str(error)[:3]})")  # begins with the status that the proxy gave
        case httpx.RemoteProtocolError() if "disconnected" in str(error) or "closed" in str(error):
            return Fault("the connection was closed", own=True)
        case httpx.RemoteProtocolError():
            return Fault("what it says is no valid HTTP", own=True)
        case UnicodeError():
            return Fault("its name cannot be resolved")
        case httpx.LocalProtocolError() | httpx.InvalidURL():
            return Fault("the URL, headers and body do not make a request")
        case _:
            return Fault("there is no way to speak to it")


def _innermost(error: BaseException) -> BaseException:
    deeper = error.__cause__ or error.__context__
    return _innermost(deeper) if deeper else error
