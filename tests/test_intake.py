"""G5: a file is taken in whole under a name that is safe, or not at all, and never without end."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from ui.documents import intake as module
from ui.documents.intake import AT_ONCE, Intake, Limits, RefusedError, clean_name

KINDS = (".pdf", ".txt")
SMALL = Limits(file_bytes=10, all_bytes=25, files=3)
Take = Callable[..., bool]


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return Intake(tmp_path / "added", tmp_path / "incoming", KINDS, SMALL)


async def give(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def take(intake: Intake, name: str, *parts: bytes, size: int | None = None) -> bool:
    return asyncio.run(intake.take(name, give(*parts), size=size))


def refuse(intake: Intake, name: str, *parts: bytes, size: int | None = None) -> str:
    with pytest.raises(RefusedError) as refused:
        take(intake, name, *parts, size=size)
    return refused.value.reason


def read_all(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))}


def test_a_file_is_kept_whole_under_its_name(intake: Intake, tmp_path: Path) -> None:
    replaced = take(intake, "茶.txt", b"green ", b"tea", size=9)

    assert replaced is False
    assert read_all(tmp_path / "added") == {"茶.txt": b"green tea"}
    assert read_all(tmp_path / "incoming") == {}


def test_a_file_of_the_same_name_is_replaced_when_the_new_one_is_whole(
    intake: Intake, tmp_path: Path
) -> None:
    seen = []

    async def watch() -> AsyncIterator[bytes]:
        yield b"new"
        seen.append(read_all(tmp_path / "added"))
        yield b"er"

    take(intake, "a.txt", b"old")
    replaced = asyncio.run(intake.take("a.txt", watch(), size=None))

    assert replaced is True
    assert seen == [{"a.txt": b"old"}]
    assert read_all(tmp_path / "added") == {"a.txt": b"newer"}


@pytest.mark.parametrize(
    ("parts", "size", "reason"),
    [
        pytest.param([b"x" * 11], None, "large", id="too large, not declared"),
        pytest.param([b"x" * 6, b"x" * 5], 5, "large", id="too large, declared less"),
        pytest.param([], 11, "large", id="too large, declared"),
        pytest.param([], None, "empty", id="empty"),
        pytest.param([b""], 0, "empty", id="empty, declared"),
    ],
)
def test_a_body_that_is_too_large_or_empty_leaves_nothing_and_keeps_the_old(
    intake: Intake, tmp_path: Path, parts: list[bytes], size: int | None, reason: str
) -> None:
    take(intake, "a.txt", b"old")

    assert refuse(intake, "a.txt", *parts, size=size) == reason
    assert read_all(tmp_path / "added") == {"a.txt": b"old"}
    assert read_all(tmp_path / "incoming") == {}


def test_all_files_together_have_a_limit_of_bytes(intake: Intake, tmp_path: Path) -> None:
    take(intake, "a.txt", b"x" * 10)
    take(intake, "b.txt", b"x" * 10)

    assert refuse(intake, "c.txt", b"x" * 6) == "full"
    assert refuse(intake, "c.txt", size=6) == "full"
    assert take(intake, "b.txt", b"y" * 10) is True  # what is replaced makes room
    assert take(intake, "c.txt", b"x" * 5) is False
    assert sorted(read_all(tmp_path / "added")) == ["a.txt", "b.txt", "c.txt"]


def test_all_files_together_have_a_limit_of_number(intake: Intake, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        take(intake, name, b"x")

    assert refuse(intake, "d.txt", b"x") == "full"
    assert take(intake, "c.txt", b"y") is True
    assert sorted(read_all(tmp_path / "added")) == ["a.txt", "b.txt", "c.txt"]


def test_files_on_their_way_at_the_same_time_share_the_room(intake: Intake, tmp_path: Path) -> None:
    async def take_all() -> list[Any]:
        ways = [intake.take(f"{n}.txt", give(b"x" * 9), size=9) for n in range(3)]
        return await asyncio.gather(*ways, return_exceptions=True)

    results = asyncio.run(take_all())

    kept = read_all(tmp_path / "added")
    assert sum(map(len, kept.values())) <= SMALL.all_bytes
    assert len(kept) == results.count(False)
    assert {str(result) for result in results if result is not False} <= {"full"}
    assert read_all(tmp_path / "incoming") == {}


def test_what_is_on_its_way_has_its_room_reserved(intake: Intake, tmp_path: Path) -> None:
    """Twenty-five bytes are left: two of ten find room, and a third is told so at once."""
    asked: list[int] = []

    async def hold(n: int, gate: asyncio.Event) -> AsyncIterator[bytes]:
        asked.append(n)
        await gate.wait()
        yield b"x" * 10

    async def take_all() -> list[Any]:
        gate = asyncio.Event()
        ways = [
            asyncio.create_task(intake.take(f"{n}.txt", hold(n, gate), size=10)) for n in range(2)
        ]
        while len(asked) < 2:
            await asyncio.sleep(0.01)
        with pytest.raises(RefusedError, match="full"):
            await intake.take("2.txt", hold(2, gate), size=10)
        gate.set()
        return await asyncio.gather(*ways)

    assert asyncio.run(take_all()) == [False, False]
    assert sorted(asked) == [0, 1]  # which of two files came first is the threads' affair
    assert refuse(intake, "c.txt", b"x" * 6, size=6) == "full"
    assert take(intake, "c.txt", b"x" * 5) is False  # nothing is reserved any more


def test_only_so_many_files_come_in_at_once(intake: Intake) -> None:
    async def take_all() -> bool:
        gate = asyncio.Event()

        async def hold() -> AsyncIterator[bytes]:
            await gate.wait()
            yield b"x"

        ways = [asyncio.create_task(intake.take("a.txt", hold(), size=1)) for _ in range(AT_ONCE)]
        while len(intake._coming) < AT_ONCE:
            await asyncio.sleep(0.01)
        with pytest.raises(RefusedError, match="busy"):
            await intake.take("b.txt", give(b"x"), size=1)
        gate.set()
        await asyncio.gather(*ways)
        return await intake.take("b.txt", give(b"x"), size=1)

    assert asyncio.run(take_all()) is False


def test_a_thousand_files_are_taken_and_more_than_the_limit_are_not(tmp_path: Path) -> None:
    limits = Limits(files=990)
    intake = Intake(tmp_path / "added", tmp_path / "incoming", KINDS, limits)

    async def take_all() -> list[Any]:
        return [await take_one(n) for n in range(1_000)]

    async def take_one(n: int) -> str:
        try:
            await intake.take(f"{n}.txt", give(b"text"), size=4)
        except RefusedError as exc:
            return exc.reason
        return ""

    results = asyncio.run(take_all())

    assert results == [""] * 990 + ["full"] * 10
    assert len(read_all(tmp_path / "added")) == 990


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("plain.txt", "plain.txt"),
        ("LOUD.TXT", "LOUD.TXT"),
        ("e\u0301t\u00e9.txt", "\u00e9t\u00e9.txt"),
        ("line\nbreak\0.txt", "line_break_.txt"),
        ("\u202egnp.txt", "_gnp.txt"),
        ('what? "a:b".txt', "what_ _a_b_.txt"),
        ("con.txt", "_con.txt"),
        ("aux.tar.txt", "_aux.tar.txt"),
        ("console.txt", "console.txt"),
        ("boats.jsonl#a.txt", "boats.jsonl_a.txt"),
        (" spaced .txt", "spaced .txt"),
        ("茶🍵.txt", "茶🍵.txt"),
        ("x" * 251 + ".txt", "x" * 251 + ".txt"),
    ],
)
def test_a_name_is_made_fit_for_any_file_system(name: str, kept: str, tmp_path: Path) -> None:
    assert clean_name(name, KINDS) == kept
    (tmp_path / kept).write_bytes(b"")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../x.txt", "name"),
        ("..", "name"),
        ("/etc/passwd.txt", "name"),
        ("a\\b.txt", "name"),
        ("C:\\x.txt", "name"),
        (".hidden.txt", "name"),
        (".txt", "name"),
        ("", "name"),
        ("  ", "name"),
        ("setup.exe", "type"),
        ("noextension", "type"),
        ("x.txt.exe", "type"),
        ("x.txt.", "type"),
        (".crossquoteignore", "name"),
        ("x" * 252 + ".txt", "long"),
        ("茶" * 84 + ".txt", "long"),
    ],
)
def test_a_name_that_cannot_be_kept_is_refused(
    name: str, reason: str, intake: Intake, tmp_path: Path
) -> None:
    assert refuse(intake, name, b"x") == reason
    assert list(tmp_path.iterdir()) == []


def test_a_body_that_breaks_off_leaves_nothing(intake: Intake, tmp_path: Path) -> None:
    async def break_off() -> AsyncIterator[bytes]:
        yield b"half"
        raise ClientDisconnect

    with pytest.raises(ClientDisconnect):
        asyncio.run(intake.take("a.txt", break_off(), size=9))

    assert read_all(tmp_path / "added") == read_all(tmp_path / "incoming") == {}


def test_a_body_that_stalls_is_given_up(
    intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALL_SECONDS", 0.05)

    async def stall() -> AsyncIterator[bytes]:
        yield b"half"
        await asyncio.sleep(60)

    with pytest.raises(RefusedError, match="slow"):
        asyncio.run(intake.take("a.txt", stall(), size=9))

    assert read_all(tmp_path / "added") == read_all(tmp_path / "incoming") == {}


def test_a_body_that_drips_is_given_up(
    intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "UPLOAD_SECONDS", 0.1)

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b"x"
            await asyncio.sleep(0.05)

    with pytest.raises(RefusedError, match="slow"):
        asyncio.run(intake.take("a.txt", drip(), size=9))

    assert read_all(tmp_path / "added") == read_all(tmp_path / "incoming") == {}


@pytest.mark.parametrize(
    ("code", "reason"), [(errno.ENOSPC, "full"), (errno.EDQUOT, "full"), (errno.EIO, "disk")]
)
def test_a_disk_that_fails_keeps_what_was(
    intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, reason: str
) -> None:
    """H7."""
    take(intake, "a.txt", b"old")

    def fail(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)

    assert refuse(intake, "a.txt", b"new") == reason
    assert read_all(tmp_path / "added") == {"a.txt": b"old"}
    assert read_all(tmp_path / "incoming") == {}


def test_leftovers_of_interrupted_uploads_are_deleted_by_age(
    intake: Intake, tmp_path: Path
) -> None:
    (tmp_path / "incoming").mkdir()
    for name, age in (("old.part", 4_000), ("new.part", 10), ("gone-1", 4_000)):
        path = tmp_path / "incoming" / name
        path.write_bytes(b"x")
        os.utime(path, (path.stat().st_mtime - age,) * 2)

    take(intake, "a.txt", b"x")

    assert sorted(read_all(tmp_path / "incoming")) == ["gone-1", "new.part"]
