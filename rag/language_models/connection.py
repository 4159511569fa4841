"""The connections to a model server, kept from one question to the next.

A new one costs a handshake with every question. No cookie is kept: a question tells the server
nothing of the ones before it.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from threading import Lock

import httpx

from rag.errors import ModelFailedError

CONNECT_SECONDS = 5.0
KEEP_SECONDS = 60.0  # without use; proxies let go after 60 to 350 seconds, some without a word
_OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})  # that no proxy can reach


class Connection:
    """Posts to one address; threads may share it.

    Certificates, proxies and the network are looked at when something is first sent. What is
    kept open is let go of by `close`, or when nobody holds the object any more.

    Args:
        address: Redirects to others are not followed.
        timeout_seconds: For each wait on the network; to connect, at most `CONNECT_SECONDS`.
    """

    def __init__(self, address: httpx.URL, *, timeout_seconds: float) -> None:
        self._address = address
        self._timeout = httpx.Timeout(
            timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds)
        )
        self._client: httpx.Client | None = None
        self._lock = Lock()

    def post(self, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Send `body`; return the response with its own body yet to be read, for you to close.

        A kept connection that the server has closed meanwhile is replaced by a new one, once.

        Raises:
            ModelFailedError: If the proxy that the environment names cannot be one.
            httpx.HTTPError, OSError, UnicodeError: If the server cannot be reached, or breaks off
                before the response begins.
        """
        client = self._open()
        request = client.build_request("POST", self._address, content=body, headers=headers)
        try:
            return client.send(request, stream=True)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            return client.send(request, stream=True)

    def close(self) -> None:
        """Let go of what is open; a reply under way breaks off. A later `post` opens anew."""
        with self._lock:
            client, self._client = self._client, None
        if client:
            client.close()

    def _open(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                self._client = _make_client(self._address, self._timeout)
                weakref.finalize(self, self._client.close)
            return self._client


def _make_client(address: httpx.URL, timeout: httpx.Timeout) -> httpx.Client:
    try:
        return httpx.Client(
            timeout=timeout,
            limits=httpx.Limits(max_connections=None, keepalive_expiry=KEEP_SECONDS),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            trust_env=address.host not in _OWN_HOSTS,
        )
    except (ImportError, ValueError, httpx.InvalidURL) as exc:
        raise ModelFailedError(
            "the proxy that the environment names cannot be used. Correct or unset HTTPS_PROXY, "
            "HTTP_PROXY and ALL_PROXY"
        ) from exc
