"""A folder with its index, ways to damage it, and all that a reader gets out of it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

from rag.check import check_index
from rag.faults import CheckReport
from rag.load import walk_files
from rag.places import Place
from rag.repair import repair_index
from rag.synchronize import BuildReport, synchronize_files
from rag.terms import REVISION
from rag.types import Language, Leg
from tests.fake_encoder import HashingEncoder
from tests.fake_index import GLOSSARY, open_index, open_writer

META = {"encoder": "hashing/1", "terms": f"{REVISION}/{GLOSSARY.fingerprint}"}
TEA = "The tea house by the river sells forty kinds of tea to its guests.\n"
TEXTS = {
    "archive/tea.txt": TEA,
    "bridge.txt": "临河大桥于2021年5月18日通车。大桥全长3.2公里，是当地最长的桥。\n",
    "museum/salt.md": "# Salt\n\nThe salt museum opened in 1998. It shows how salt was made.\n\n"
    "## Hours\n\nThe museum opens at nine. It closes at five.\n",
    "news.jsonl": '{"id": "1", "title": "Ferry", "url": "https://a.example/1", '
    '"date": "2021-03-04", "text": "A new ferry crosses the river every ten minutes."}\n'
    '{"id": "2", "title": "Mill", "text": "The old mill grinds wheat again for the town."}\n',
    "river.txt": "".join(  # two blocks long
        f"On day {n} the water of the river stood at {n * 7 % 90} hands under the bridge. "
        for n in range(280)
    ),
    "tea.txt": TEA,
}
KEYS = {
    "contents": ("content",),
    "blocks": ("content", "start"),
    "documents": ("id",),
    "passages": ('"row"',),
    "vectors": ('"row"',),
    "files": ("path",),
    "caches": ("name",),
}
# Every column that tells something of documents.
COLUMNS = [
    (table, column)
    for table, columns in {
        "contents": ("content", "key", "language", "title", "digest"),
        "blocks": ("content", "start", "text"),
        "documents": ("id", "file", "content", "title", "source", "published", "digest"),
        "passages": (
            '"row"', "content", "number", "start", '"end"', "heading", "section", "sentences",
            "sentence_vectors", "digest",
        ),
        "vectors": ('"row"', "language", "vector"),
        "files": ("path",),
    }.items()
    for column in columns
]  # fmt: skip
_OWNERS = {
    "contents": "SELECT content, content FROM contents",
    "blocks": "SELECT content, start, content FROM blocks",
    "passages": 'SELECT "row", content FROM passages',
    "vectors": 'SELECT "row", content FROM passages',
}
_SEARCHES: tuple[tuple[Leg, Language, str], ...] = (
    ("lexical", "en", "river"),
    ("lexical", "zh", "大桥"),
    ("gloss", "zh", "bridg"),
)


def write_folder(root: Path) -> Path:
    for name, text in TEXTS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def synchronize(folder: Path, database: Path, *, cached: bool = False) -> BuildReport:
    """As `crossquote index` does; with `cached`, every passage comes into a cache."""
    with open_writer(database, META) as writer:
        report = synchronize_files([Place(walk_files(folder), folder)], writer, HashingEncoder())
        if cached:
            writer.write_caches(least=1)
    return report


def make_indexes(root: Path) -> Path:
    """Make a folder in `root`, an index without caches, and one in which all passages have one."""
    folder = write_folder(root / "documents")
    synchronize(folder, root / "plain" / "index.db")
    synchronize(folder, root / "cached" / "index.db", cached=True)
    return root


def copy_index(made: Path, kind: str, root: Path) -> Path:
    return Path(shutil.copytree(made / kind, root / kind)) / "index.db"


def check(database: Path) -> CheckReport:
    return check_index(database, GLOSSARY)


def repair(database: Path) -> tuple[str, ...]:
    return repair_index(database, GLOSSARY, check(database))


def read_content(database: Path) -> dict[str, Any]:
    """All documents and passages, and what some searches find: nothing of rows and numbers."""
    rows = [row for (row,) in query(database, 'SELECT "row" FROM vectors')]
    with closing(open_index(database, META)) as index, index.read() as view:
        listed = view.list_documents()
        stored = view.get_passages(rows)
        ids = {one.row: one.passage.id for one in stored}
        vectors = {ids[one.row]: (one.vector.tobytes(), one.sentence_vectors) for one in stored}
        return {
            "listed": listed,
            "documents": view.get_documents([id_ for id_, *_ in listed]),
            "passages": {
                ids[one.row]: (one.passage, one.language, one.sentences) for one in stored
            },
            "vectors": {id_: (one, more.tobytes()) for id_, (one, more) in vectors.items()},
            "found": [
                {ids[row]: score for row, score in view.search_terms(leg, lang, [term], 99).items()}
                for leg, lang, term in _SEARCHES
            ],
        }


def query(database: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(statement, values).fetchall()


def change(database: Path, statement: str, *values: object) -> int:
    """Change rows behind the back of the program; return how many."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")  # nothing that must survive
        return connection.execute(statement, values).rowcount


def list_owners(database: Path, table: str) -> dict[tuple[Any, ...], set[str]]:
    """Return key of each row -> the documents it belongs to."""
    holders: dict[int, set[str]] = {}
    for id_, content in query(database, "SELECT id, content FROM documents"):
        holders.setdefault(content, set()).add(id_)
    if table in _OWNERS:
        rows = query(database, _OWNERS[table])
        return {tuple(key): holders[content] for *key, content in rows}
    column = "file" if table == "files" else "id"
    owners: dict[tuple[Any, ...], set[str]] = {}
    for key, id_ in query(database, f"SELECT {column}, id FROM documents"):  # noqa: S608
        owners.setdefault((key,), set()).add(id_)
    return owners


def flip_column(
    database: Path, table: str, column: str, rng: Random, *, rows: int
) -> list[tuple[Any, ...]]:
    """Flip a bit of `column` in up to `rows` rows; return their keys as they were."""
    keys = KEYS[table]
    found = query(database, f"SELECT {', '.join(keys)}, {column} FROM {table}")  # noqa: S608
    found = [row for row in found if row[-1] not in (None, "", b"")]
    where = " AND ".join(f"{key} = ?" for key in keys)
    hit: list[tuple[Any, ...]] = []
    for *key, value in rng.sample(found, min(rows, len(found))):
        for _ in range(20):  # until the constraints of the table allow it
            slot = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
            statement = f"UPDATE OR IGNORE {table} SET {column} = {slot} WHERE {where}"  # noqa: S608
            if change(database, statement, flip_bit(value, rng), *key):
                hit.append(tuple(key))
                break
    return hit


def seed_rng(seed: int) -> Random:
    return Random(seed)  # noqa: S311  (seeded on purpose)


def flip_bit(value: str | bytes | int, rng: Random) -> bytes | int:
    """Return `value` with one bit changed, text as its bytes."""
    if isinstance(value, int):
        return value ^ 1 << rng.randrange(20)
    data = bytearray(value.encode() if isinstance(value, str) else value)
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def flip_file(path: Path, place: int, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1 << bit
    path.write_bytes(data)
