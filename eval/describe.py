"""What the numbers of a run depend on: set, system with its settings, code and machine."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from eval.questions import Question, question_to_dict
from rag.config import Settings
from rag.stages import ALL_STAGES, STAGES, Stages

CODE = Path(__file__).parents[1]
GIT_SECONDS = 10.0
_PASSWORD = re.compile(r"//[^/@]*@")  # `//name:password@` of an address


def describe_run(
    settings: Settings,
    *,
    set_name: str,
    system: str = "crossquote",
    generation: int | None = None,
    stages: Stages = ALL_STAGES,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """Describe a run as JSON types, without a key or a password.

    Args:
        settings: Of the index and of answering.
        set_name: What the questions are called.
        system: What is asked.
        generation: Of the index that is asked.
        stages: Which take part.
        notes: On what was left out of the set in reading it.

    Returns:
        system, set, notes, settings, without (the stages left out), generation, version, commit
        and whether its files were changed since (`changed`; both only in a checkout), python,
        platform, cpus, and started, in UTC.
    """
    kept = settings.model_dump(mode="json", exclude={"api_key"})
    kept["server"] = _PASSWORD.sub("//", kept["server"])
    return {
        "system": system,
        "set": set_name,
        "notes": list(notes),
        "settings": kept,
        "without": [name for name in STAGES if not getattr(stages, name)],
        "generation": generation,
        "version": _find_version(),
        **find_commit(CODE),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "started": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def digest_questions(questions: Iterable[Question]) -> str:
    """Return the SHA-256 of the questions in their order, whatever file they came from."""
    digest = hashlib.sha256()
    for question in questions:
        line = json.dumps(question_to_dict(question), ensure_ascii=True, sort_keys=True)
        digest.update(line.encode("ascii") + b"\n")
    return digest.hexdigest()


def find_commit(code: Path) -> dict[str, Any]:
    """Return `commit` and `changed` if the folder is the top of a git checkout, else nothing."""
    top = _ask_git(code, "rev-parse", "--show-toplevel")
    commit = _ask_git(code, "rev-parse", "HEAD")
    changes = _ask_git(code, "status", "--porcelain", "--untracked-files=no")
    if not top or not commit or changes is None or Path(top).resolve() != code.resolve():
        return {}
    return {"commit": commit, "changed": bool(changes)}


def _ask_git(code: Path, *words: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, no shell
            [git, "-C", str(code), "--no-optional-locks", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _find_version() -> str | None:
    try:
        return version("crossquote")
    except PackageNotFoundError:
        return None
