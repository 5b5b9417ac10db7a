"""Whom a connection over TLS trusts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

_NAMED = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables that name a file or a folder of authorities, the first one set before the others."""


def authorities(ca: str) -> str:
    """A file or folder: the one given, the one that the environment names, the system's, else the one of certifi."""
    from ssl import get_default_verify_paths

    named = ca or next(filter(None, map(os.environ.get, _NAMED)), "")
    system = get_default_verify_paths()
    found = named or system.cafile or system.capath
    if found:
        return found
    from certifi import where

    return where()


def context(trusted: str) -> ssl.SSLContext:
    """OSError where the authorities cannot be read."""
    from ssl import create_default_context

    if Path(trusted).is_dir():
        return create_default_context(capath=trusted)
    return create_default_context(cafile=trusted)
