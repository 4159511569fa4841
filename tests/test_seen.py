"""Keys are told apart and remembered, in memory or on disk."""

import subprocess
import sys

import pytest

from rag.files.seen import SeenKeys


@pytest.mark.parametrize("cache_kilobytes", [1, 10_000], ids=["on disk", "in memory"])
def test_a_key_is_new_once(cache_kilobytes: int) -> None:
    keys = [f"key {n * 7919 % 5_000}" for n in range(5_000)]

    with SeenKeys(cache_kilobytes=cache_kilobytes) as seen:
        first = [seen.add(key) for key in keys]
        second = [seen.add(key) for key in keys]

    assert (set(first), set(second)) == ({True}, {False})


@pytest.mark.parametrize("key", ["", "a\x00b", "a\ud800", "小米", "1", "1.0"])
def test_keys_of_any_characters_differ_from_all_others(key: str) -> None:
    with SeenKeys() as seen:
        others = [seen.add(other) for other in ("a", "a\ufffd", "01", "１", "小")]

        assert others == [True] * 5
        assert [seen.add(key), seen.add(key)] == [True, False]


FILL = """
import resource, signal
from rag.files.seen import SeenKeys

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
with SeenKeys(cache_kilobytes=1) as seen:
    try:
        for n in range(100_000):
            seen.add(f"key {n}")
    except OSError as exc:
        print(exc.strerror)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of file sizes")
def test_a_full_disk_is_an_error_of_the_system() -> None:
    done = subprocess.run(  # noqa: S603  (our own interpreter and text)
        [sys.executable, "-c", FILL], capture_output=True, text=True, check=False
    )

    assert (done.stdout[:32], done.stderr) == ("no room for temporary files (dis", "")
