"""No version that is asked for, or pinned, is one with a hole that is known."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# The first version without the hole, of what reads requests, files and models of others.
SOUND = {
    "gradio": ("6.16.0", "GHSA-j36p-7w88-g82j: a file explorer is led out of its folder"),
    "h11": ("0.16.0", "CVE-2025-43859: chunked bodies smuggle requests"),
    "jinja2": ("3.1.6", "CVE-2025-27516: a template leaves its sandbox"),
    "pillow": ("11.3.0", "CVE-2025-48379: writing DDS overflows a buffer"),
    "python-multipart": ("0.0.30", "GHSA-vffw-93wf-4j4q: a form's field passes for another"),
    "starlette": ("1.0.1", "CVE-2026-48710: a Host header changes the path that is checked"),
    "torch": ("2.6", "CVE-2025-32434: weights_only loading runs code"),
    "urllib3": ("2.6.3", "CVE-2026-21441: a redirect is unpacked without a limit"),
}


def read_version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def read_pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = (line.split("==") for line in lines if not line.startswith("#"))
    return {name.lower().replace("_", "-"): pinned for name, pinned in pins}


@pytest.mark.parametrize("name", sorted(SOUND))
def test_what_is_pinned_and_installed_is_sound(name: str) -> None:
    sound, hole = SOUND[name]

    assert read_version(read_pins()[name]) >= read_version(sound), hole
    try:
        installed = version(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is not installed")
    assert read_version(installed) >= read_version(sound), hole


def list_requirements() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    return [text for group in (project["dependencies"], *extras) for text in group]


def test_every_requirement_is_pinned_at_or_above_its_floor() -> None:
    pins = read_pins()
    for text in list_requirements():
        name, _, floor = re.split(r"(>=)", text)[:3] if ">=" in text else (text, "", "0")
        if not name.startswith("crossquote"):
            assert read_version(pins[name.lower().replace("_", "-")]) >= read_version(floor), text


def test_what_is_installed_is_what_is_pinned_or_newer() -> None:
    """The pins are what the tests pass with, which is worth nothing if others are installed."""
    older = {}
    for name, pinned in read_pins().items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue
        if read_version(installed) < read_version(pinned):
            older[name] = (installed, pinned)

    assert older == {}
