"""Who may come in: names with passwords, asked for by HTTP Basic, and a brake on guessing them.

Passwords are not kept, only hashes under a key that dies with the process. Over a network they
travel as they are typed unless a proxy in front speaks TLS.
"""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import b64decode
from binascii import Error as Base64Error
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from math import ceil

from starlette.responses import PlainTextResponse, Response

MOST_WRONG = 10  # logins of one address within `WINDOW_SECONDS`; the next is not looked at
WINDOW_SECONDS = 60.0
MOST_ADDRESSES = 4096  # remembered; the one that was wrong longest ago is forgotten first
_CHALLENGE = 'Basic realm="Crossquote", charset="UTF-8"'


@dataclass(frozen=True, slots=True)
class Logins:
    """The names and passwords that are let in; none at all: everybody is."""

    key: bytes = field(repr=False)
    digests: tuple[bytes, ...] = field(repr=False)

    def __bool__(self) -> bool:
        """Whether anybody has to log in."""
        return bool(self.digests)

    def admit(self, authorization: str) -> bool:
        """Whether an `Authorization` header holds one of the logins.

        Takes as long for an unknown name as for a wrong password.
        """
        digest = _hash_login(self.key, _read_basic(authorization))
        return sum([hmac.compare_digest(digest, known) for known in self.digests]) > 0


ANYBODY = Logins(b"", ())


def read_logins(texts: Sequence[str]) -> Logins:
    """Read logins of the form `USER:PASSWORD`; a password may hold colons.

    Raises:
        ValueError: If one is malformed, or two are of one user. The text is fit to show and
            holds nothing of the logins but their place.
    """
    users: dict[str, int] = {}
    for n, text in enumerate(texts, start=1):
        user, colon, password = text.partition(":")
        if not colon:
            raise ValueError(f"login {n} has no colon. Write it as USER:PASSWORD")
        if not user or not password:
            missing = "password" if user else "user"
            raise ValueError(f"login {n} has no {missing}. Write it as USER:PASSWORD")
        if not text.isprintable():  # RFC 7617 allows no control characters
            raise ValueError(f"login {n} holds a character that cannot be typed. Leave it out")
        if user in users:
            raise ValueError(f"logins {users[user]} and {n} are of one user. Give each user once")
        users[user] = n
    key = secrets.token_bytes(32)
    return Logins(key, tuple(_hash_login(key, text.encode()) for text in texts))


class Door:
    """Lets requests in that bring a login, and slows down whoever guesses.

    After `MOST_WRONG` wrong logins within `WINDOW_SECONDS` no login of that address is looked at
    until the first of them is that old, not even a right one: otherwise a guess that is right
    would show. Addresses of one IPv6 network (/64) count as one. Not for several threads.

    Args:
        logins: That are let in.
        clock: Seconds since any fixed moment.
    """

    def __init__(self, logins: Logins, clock: Callable[[], float] = time.monotonic) -> None:
        self.logins = logins
        self._clock = clock
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    def refuse(self, address: str, authorization: str | None) -> Response | None:
        """Return None to let a request in, or else what to answer it: 401 or 429.

        Args:
            address: That the request comes from; "" if it is not known.
            authorization: The header of that name, if there is one.
        """
        if not self.logins:
            return None
        if authorization is None:
            return _ask_for_login()
        network = _name_network(address)
        wait = self._find_wait(network)
        if wait > 0:
            text = f"too many wrong logins; try again in {ceil(wait)} s"
            return PlainTextResponse(text, 429, {"retry-after": str(ceil(wait))})
        if self.logins.admit(authorization):
            return None
        self._note_wrong(network)
        return _ask_for_login()

    def _find_wait(self, network: str) -> float:
        wrong = self._wrong.get(network)
        if wrong is None or len(wrong) < MOST_WRONG:
            return 0.0
        return wrong[0] + WINDOW_SECONDS - self._clock()

    def _note_wrong(self, network: str) -> None:
        self._wrong.setdefault(network, deque(maxlen=MOST_WRONG)).append(self._clock())
        self._wrong.move_to_end(network)
        if len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)


def _ask_for_login() -> Response:
    return PlainTextResponse("a login is needed", 401, {"www-authenticate": _CHALLENGE})


def _hash_login(key: bytes, login: bytes) -> bytes:
    return hmac.digest(key, login, "sha256")


def _read_basic(authorization: str) -> bytes:
    """The `user:password` in a header; empty, which is no login, where there is none."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return b64decode(encoded.strip(), validate=True)
    except (Base64Error, ValueError):
        return b""


def _name_network(address: str) -> str:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]  # what a proxy says, at any length
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or int(parsed) >> 64)
    return address
