"""Imports point down only, importing is free, the public door is exact, and nothing is unsafe."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import rag

ROOT = Path(__file__).parents[1]
PACKAGES = ("rag", "embeddings", "ui", "eval")
HEAVY = {
    "accelerate", "faiss", "gradio", "httpx", "openai", "pandas", "scipy", "sentence_transformers",
    "torch", "transformers",
}  # fmt: skip

PUBLIC = ["Answer", "Answerer", "answer", "build_index"]

FOUNDATION = {"rag.config", "rag.corpus", "rag.errors", "rag.language", "rag.legs", "rag.types"}
MAY_IMPORT = {
    "embeddings": {"embeddings", "rag.errors"},
    "foundation": {"foundation"},
    "model": {"foundation", "embeddings", "model"},
    "stage": {"foundation", "embeddings", "model", "stage"},
    "pipeline": {"foundation", "embeddings", "model", "stage"},
    "library": {"foundation", "embeddings", "model", "stage", "pipeline"},
    "door": {"foundation", "pipeline"},
    "ui": {"ui", "rag.config", "rag.errors", "rag.legs", "rag.types"},
    "eval": {"eval", "foundation", "embeddings", "model", "stage", "pipeline", "door"},
    "command": {
        "foundation",
        "embeddings",
        "model",
        "stage",
        "pipeline",
        "library",
        "door",
        "ui",
        "eval",
        "command",
    },
}

UNSAFE_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
UNSAFE_CALLS = {
    "eval", "exec", "os.popen", "os.system", "torch.load", "yaml.full_load", "yaml.load",
    "yaml.unsafe_load",
}  # fmt: skip
UNSAFE_SWITCHES = {"allow_pickle", "shell", "trust_remote_code"}  # but as a literal False


def name_module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    name_module(path): path.read_text(encoding="utf-8")
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}


def name_layer(module: str) -> str:
    named = {
        "rag": "door", "rag.pipeline": "pipeline", "rag.library": "library",
        "rag.__main__": "command", "rag.index_commands": "command",
    }  # fmt: skip
    if module in FOUNDATION:
        return "foundation"
    if module.startswith("rag.language_models"):
        return "model"
    package = module.split(".")[0]
    return named.get(module, "stage" if package == "rag" else package)


def find_imports(source: str) -> Iterator[tuple[str, bool]]:
    """Every module of ours that is imported anywhere, and whether by a plain `import`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, True) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "." * node.level + (node.module or ""), False
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield (module if module in MODULES else str(node.module)), False


def find_wrong_imports(module: str, source: str) -> list[str]:
    allowed = MAY_IMPORT[name_layer(module)]
    wrong = []
    for target, plain in find_imports(source):
        ours = target.split(".")[0] in PACKAGES
        if target.startswith("."):
            wrong.append(f"{module} imports {target} relatively")
        elif ours and plain:
            wrong.append(
                f"{module} has a plain `import {target}`; write `from {target} import ...`"
            )
        elif ours and not {target, name_layer(target)} & allowed:
            wrong.append(f"{module} imports {target}, which is not below it")
    return wrong


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_what_is_below_it(module: str) -> None:
    assert find_wrong_imports(module, MODULES[module]) == []


@pytest.mark.parametrize(
    ("module", "source", "words"),
    [
        ("rag.retrieve", "from rag.pipeline import answer", "rag.pipeline, which is not below"),
        ("rag.retrieve", "def f():\n    from rag import answer", "rag, which is not below"),
        ("rag.pipeline", "from rag import __main__", "which is not below"),
        ("rag.types", "from rag.load import f", "rag.load, which is not below"),
        (
            "rag.compose",
            "from eval.measures.metrics import f",
            "eval.measures.metrics, which is not below",
        ),
        ("rag.pipeline", "from ui.chat import f", "ui.chat, which is not below"),
        ("embeddings.gloss", "from rag.types import Document", "rag.types, which is not below"),
        ("rag.language_models.local", "from rag.generate import f", "rag.generate, which is not"),
        ("ui.chat", "from rag.language_models.model import M", "which is not below"),
        ("ui.chat", "from rag.language import detect_language", "rag.language, which is not"),
        ("eval.fitting.read", "from ui.chat import f", "ui.chat, which is not below"),
        ("eval.fitting.read", "from rag.__main__ import f", "rag.__main__, which is not below"),
        ("rag.check", "from rag.index_commands import f", "rag.index_commands, which is not below"),
        (
            "eval.fitting.read",
            "import eval.measures.metrics",
            "plain `import eval.measures.metrics`",
        ),
        ("rag.load", "import rag.types as types", "plain `import rag.types`"),
        ("rag.load", "from .types import Document", "relatively"),
    ],
)
def test_an_import_that_points_up_is_found(module: str, source: str, words: str) -> None:
    wrong = find_wrong_imports(module, source)

    assert len(wrong) == 1
    assert words in wrong[0]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("rag.retrieve", "from embeddings.encoder import Encoder\nfrom rag.store import Store"),
        ("rag", "def __getattr__(name):\n    from rag.pipeline import answer"),
        ("rag.__main__", "from ui.chat import f\nfrom eval.fitting.read import read_squad"),
        ("eval.fitting.read", "from rag.types import Document\nimport json"),
        ("ui.chat", "from rag.types import Answer\nimport gradio as gr"),
    ],
)
def test_an_import_that_points_down_is_not(module: str, source: str) -> None:
    assert find_wrong_imports(module, source) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """`rag` itself is left out: any import of its modules runs it first."""
    below = {
        module: {target for target, _ in find_imports(source) if target in MODULES} - {"rag"}
        for module, source in MODULES.items()
    }

    while free := {module for module, targets in below.items() if not targets & below.keys()}:
        below = {module: targets for module, targets in below.items() if module not in free}

    assert sorted(below) == []


def run_python(program: str, folder: Path) -> str:
    """What `program` prints, run in an empty folder that is its home and temporary one too."""
    places = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"), str(folder))
    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-B", "-c", program],
        cwd=folder,
        env={**os.environ, **places, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_rag_loads_nothing_heavy_reads_no_environment_and_makes_no_file(
    tmp_path: Path,
) -> None:
    program = """
import json, os, sys

class Recorder(dict):
    asked = []
    def __getitem__(self, key):
        self.asked.append(key)
        return super().__getitem__(key)
    def get(self, key, default=None):
        self.asked.append(key)
        return super().get(key, default)
    def __contains__(self, key):
        self.asked.append(key)
        return super().__contains__(key)
    def __iter__(self):
        self.asked.append("*")
        return super().__iter__()

os.environ = Recorder(os.environ)
import rag
print(json.dumps([sorted(sys.modules), Recorder.asked]))
"""

    modules, asked = json.loads(run_python(program, tmp_path))

    assert "rag" in modules
    assert HEAVY & set(modules) == set()
    assert asked == []
    assert list(tmp_path.iterdir()) == []


def test_the_help_loads_nothing_heavy(tmp_path: Path) -> None:
    """It took seconds in other tools, because the command line loaded the models' libraries."""
    program = """
import json, runpy, sys
sys.argv = ["crossquote", "--help"]
try:
    runpy.run_module("rag", run_name="__main__", alter_sys=True)
except SystemExit as exit:
    assert not exit.code, exit.code
print("\\n" + json.dumps(sorted(sys.modules)))
"""

    *text, modules = run_python(program, tmp_path).splitlines()

    assert "Usage" in "\n".join(text)
    assert HEAVY & set(json.loads(modules)) == set()
    assert list(tmp_path.iterdir()) == []


def test_the_public_names_are_exactly_these() -> None:
    assert sorted(rag.__all__) == PUBLIC
    assert [name for name in PUBLIC if not hasattr(rag, name)] == []


def find_unsafe(source: str) -> list[str]:
    """Ways to run code that stands in data, or to hand text to a shell."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [str(node.module)]
            found += [f"{node.module}.{alias.name}()" for alias in node.names]
        elif isinstance(node, ast.Call):
            found.append(ast.unparse(node.func) + "()")
            found += [
                f"{switch.arg}=" for switch in node.keywords if ast.unparse(switch.value) != "False"
            ]
    unsafe = {f"{name}()" for name in UNSAFE_CALLS} | {f"{name}=" for name in UNSAFE_SWITCHES}
    return [name for name in found if name in unsafe or name.split(".")[0] in UNSAFE_MODULES]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_module_can_be_made_to_run_what_it_reads(module: str) -> None:
    assert find_unsafe(MODULES[module]) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pickle", ["pickle"]),
        ("from joblib import load", ["joblib", "joblib.load()"]),
        ("from torch import load", ["torch.load()"]),
        ("torch.load(path)", ["torch.load()"]),
        ("yaml.load(text)", ["yaml.load()"]),
        ("eval(text)", ["eval()"]),
        ("np.load(path, allow_pickle=True)", ["allow_pickle="]),
        ("run(words, shell=flag)", ["shell="]),
        ("load(name, trust_remote_code=settings.trust)", ["trust_remote_code="]),
        ("np.load(path, allow_pickle=False)\nyaml.safe_load(text)\nmodel.eval()", []),
        ("text = 'eval(1), import pickle'  # torch.load()", []),
    ],
)
def test_an_unsafe_call_is_found_and_a_safe_one_is_not(source: str, found: list[str]) -> None:
    assert find_unsafe(source) == found
