"""A login opens the door, nothing tells how near a wrong one was, and guessing is slow."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from rag.__main__ import app
from tests.fake_server import build_app
from tests.fakes import fake_ask
from ui.features import Features
from ui.login import (
    ANYBODY,
    MOST_ADDRESSES,
    MOST_WRONG,
    WINDOW_SECONDS,
    Door,
    Logins,
    read_logins,
)

ADA, BO = "ada:correct horse: battery", "博:秘密"
RUNNER = CliRunner()


def write_basic(login: str) -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


class Clock:
    """Stands still until it is set."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(clock: Clock) -> Door:
    return Door(read_logins([ADA, BO]), clock)


def knock(door: Door, login: str, address: str = "192.0.2.1") -> int:
    """The status that is answered to a login; 200 where it is let in."""
    refusal = door.refuse(address, write_basic(login))
    return 200 if refusal is None else refusal.status_code


@pytest.mark.parametrize("login", [ADA, BO])
def test_each_login_is_let_in(door: Door, login: str) -> None:
    assert knock(door, login) == 200


@pytest.mark.parametrize(
    "authorization",
    [
        write_basic("ada:correct horse"),
        write_basic("ada:correct horse: battery "),
        write_basic("ada"),
        write_basic("ada:"),
        write_basic("eve:correct horse: battery"),
        write_basic("Ada:correct horse: battery"),
        write_basic(""),
        write_basic(ADA)[:-2],
        "Basic " + ADA,
        "Basic ===",
        "Basic é",
        "Basic",
        "Bearer " + write_basic(ADA)[6:],
        "",
    ],
)
def test_anything_else_is_not(door: Door, authorization: str) -> None:
    refusal = door.refuse("192.0.2.1", authorization)

    assert refusal is not None
    assert refusal.status_code == 401
    assert refusal.headers["www-authenticate"] == 'Basic realm="Crossquote", charset="UTF-8"'


def test_the_name_of_the_scheme_may_be_written_in_any_case(door: Door) -> None:
    assert door.refuse("192.0.2.1", write_basic(ADA).replace("Basic", "bASIC")) is None


def test_without_logins_everybody_is_let_in() -> None:
    assert Door(ANYBODY).refuse("192.0.2.1", None) is None
    assert Door(read_logins([])).refuse("192.0.2.1", "Basic x") is None


def test_wrong_logins_are_answered_401_until_there_were_too_many(door: Door) -> None:
    codes = [knock(door, f"ada:{n}") for n in range(MOST_WRONG + 40)]

    assert codes == [401] * MOST_WRONG + [429] * 40


def test_a_right_login_does_not_show_while_guessing_is_slowed(door: Door) -> None:
    for n in range(MOST_WRONG):
        knock(door, f"ada:{n}")

    assert knock(door, ADA) == 429


def test_the_wait_is_told_and_ends_when_the_first_wrong_login_is_a_minute_old(
    door: Door, clock: Clock
) -> None:
    for n in range(MOST_WRONG):
        clock.seconds = 1000.0 + n
        knock(door, f"ada:{n}")
    clock.seconds = 1000.0 + WINDOW_SECONDS - 0.5
    early = door.refuse("192.0.2.1", write_basic(ADA))
    clock.seconds += 0.5

    assert early is not None
    assert early.headers["retry-after"] == "1"
    assert knock(door, ADA) == 200
    assert knock(door, "ada:x") == 401  # takes the place of the first
    assert knock(door, ADA) == 429
    clock.seconds += 1.0
    assert knock(door, ADA) == 200


def test_ten_wrong_logins_a_minute_and_no_more_are_looked_at(door: Door, clock: Clock) -> None:
    looked_at = 0
    for _ in range(600):
        looked_at += knock(door, "ada:x") == 401
        clock.seconds += 1.0

    assert looked_at == 100


def test_no_login_at_all_is_no_guess(door: Door) -> None:
    codes = {response.status_code for _ in range(50) if (response := door.refuse("a", None))}

    assert codes == {401}
    assert knock(door, ADA, "a") == 200


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "192.0.2.1", False),
        ("unix", "testclient", False),
    ],
)
def test_addresses_are_slowed_apart_but_for_those_of_one_network(
    door: Door, one: str, other: str, same: bool
) -> None:
    for n in range(MOST_WRONG):
        knock(door, f"ada:{n}", one)

    assert knock(door, ADA, one) == 429
    assert knock(door, ADA, other) == (429 if same else 200)


def test_what_is_remembered_is_bounded_and_the_oldest_is_forgotten(door: Door) -> None:
    for _ in range(MOST_WRONG):
        knock(door, "ada:x", "first")
    for n in range(MOST_ADDRESSES - 1):
        knock(door, "ada:x", f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert knock(door, ADA, "first") == 429

    knock(door, "ada:x", "one more")

    assert len(door._wrong) == MOST_ADDRESSES
    assert knock(door, ADA, "first") == 200


def test_an_address_of_any_length_is_remembered_by_its_beginning(door: Door) -> None:
    knock(door, "ada:x", "9" * 100_000)

    assert [len(network) for network in door._wrong] == [64]


def test_every_login_is_compared_whether_the_name_is_known_or_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[tuple[int, int]] = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append((len(a), len(b)))
        return a == b

    logins = read_logins([ADA, BO, "eve:x"])
    monkeypatch.setattr("hmac.compare_digest", compare)
    counts = []
    for login in (ADA, "ada:wrong", "nobody:x", ""):
        compared.clear()
        logins.admit(write_basic(login))
        counts.append(list(compared))

    assert counts == [[(32, 32)] * 3] * 4


def test_nothing_of_a_login_can_be_read_out_of_what_is_kept() -> None:
    logins = read_logins([ADA])

    assert repr(logins) == "Logins()"
    assert "horse" not in repr(Features(logins=logins))
    assert all(b"horse" not in digest for digest in logins.digests)
    assert logins.digests != read_logins([ADA]).digests


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["hunter2"], "login 1 has no colon. Write it as USER:PASSWORD"),
        ([""], "login 1 has no colon. Write it as USER:PASSWORD"),
        (["a:b", ":hunter2"], "login 2 has no user. Write it as USER:PASSWORD"),
        (["hunter2:"], "login 1 has no password. Write it as USER:PASSWORD"),
        (["a:hunter2\n"], "login 1 holds a character that cannot be typed. Leave it out"),
        (["a:hunter2\x00"], "login 1 holds a character that cannot be typed. Leave it out"),
        (["a:hunter2\ud800"], "login 1 holds a character that cannot be typed. Leave it out"),
        (["a:b", "c:d", "a:hunter2"], "logins 1 and 3 are of one user. Give each user once"),
    ],
)
def test_a_malformed_login_is_told_by_its_place_alone(texts: list[str], words: str) -> None:
    with pytest.raises(ValueError, match="login") as told:
        read_logins(texts)

    assert str(told.value) == words


@pytest.mark.parametrize(
    ("words", "variable"),
    [
        (("--auth", "hunter2"), None),
        (("--auth", "ada:"), None),
        (("--auth", "ada:hunter2", "--auth", "ada:hunter3"), None),
        ((), "hunter2"),
        ((), ""),  # a secret that got lost leaves no open door
        ((), "\n"),
        (("--auth", "ada:hunter2"), ""),
    ],
)
def test_the_command_refuses_a_malformed_login_before_it_opens_anything(
    words: tuple[str, ...], variable: str | None
) -> None:
    result = RUNNER.invoke(
        app, ["chat", "--no-add", "--index", "/nowhere", *words], env={"CROSSQUOTE_AUTH": variable}
    )

    assert result.exit_code == 2
    assert "Invalid value for --auth, CROSSQUOTE_AUTH" in result.output
    assert "hunter" not in result.output


def test_what_the_variable_held_is_not_handed_on_to_other_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CROSSQUOTE_AUTH", ADA)

    result = RUNNER.invoke(app, ["chat", "--no-add", "--index", "/nowhere"])

    assert result.exit_code == 1
    assert "CROSSQUOTE_AUTH" not in os.environ


@pytest.mark.parametrize(
    ("words", "warned"),
    [
        (("--host", "0.0.0.0"), True),  # noqa: S104
        (("--host", "::"), True),
        (("--host", "example.org"), True),
        (("--host", "0.0.0.0", "--auth", "ada:x"), False),  # noqa: S104
        (("--host", "127.0.0.1"), False),
        (("--host", "127.0.0.9"), False),
        (("--host", "::1"), False),
        (("--host", "localhost"), False),
        ((), False),
    ],
)
def test_an_open_door_to_a_network_is_warned_of(words: tuple[str, ...], warned: bool) -> None:
    result = RUNNER.invoke(app, ["chat", "--no-add", "--index", "/nowhere", *words])

    assert ("ask for a password with --auth" in result.stderr) is warned


@pytest.fixture(scope="module")
def logins() -> Logins:
    return read_logins([ADA])


@pytest.fixture
def client(logins: Logins) -> Iterator[TestClient]:
    with TestClient(build_app(fake_ask, Features(logins=logins))) as client:
        yield client


def test_fifty_bad_logins_in_a_minute_are_slowed_at_the_server(client: TestClient) -> None:
    codes = [
        client.get("/config", headers={"authorization": write_basic(f"ada:{n}")}).status_code
        for n in range(50)
    ]
    late = client.get("/", headers={"authorization": write_basic(ADA)})

    assert codes == [401] * MOST_WRONG + [429] * 40
    assert late.status_code == 429
    assert 1 <= int(late.headers["retry-after"]) <= WINDOW_SECONDS
    assert late.headers["content-security-policy"]
    assert client.get("/healthz").status_code == 200
