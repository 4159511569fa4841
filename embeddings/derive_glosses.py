"""Derive the compact gloss table from CC-CEDICT: `python -m embeddings.derive_glosses FILE`.

CC-CEDICT (https://cc-cedict.org) gives a line per Chinese word: traditional form, simplified
form, pinyin, English senses. Kept here is what a search and an encoder can use: simplified
form and short English glosses, best known reading first. Classifiers, usage notes and
cross-references go; a variant takes the glosses of the word it points to.

The table is a derived work of CC-CEDICT and, like it, under CC BY-SA 4.0.
"""

from __future__ import annotations

import argparse
import gzip
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pypinyin import Style, lazy_pinyin

TABLE = Path(__file__).with_name("glosses.tsv.gz")
MAX_GLOSSES = 6
MAX_WORDS = 6  # a longer sense explains rather than translates

_LINE = re.compile(r"^(\S+) (\S+) \[([^\]]*)\] /(.*)/\s*$")
_POINTER = re.compile(
    r"\b(?:variant of|see|see also|abbr\. for|abbr\. of|same as|also written|also called)\s+"
    r"(?:[^\s\[|/]+\|)?(?P<word>[\u3400-\u9fff\U00020000-\U0003ffffA-Z0-9]+)"
)
_NOTE = re.compile(r"\([^()]*\)|\[[^\]]*\]")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff|·]+")
_LEAD = re.compile(r"^(?:to be|to|an?|the|sb's|sb|sth)\s+", re.IGNORECASE)
# "Kunming prefecture-level city and capital of ..." is Kunming city: the rest is no translation.
_PLACE = re.compile(
    r"(?P<name>(?:[A-Z][\w'’.-]*\s)+)(?:(?:former|suburban|rural|ethnic|autonomous|subprovincial|"
    r"sub-?prefectural|(?:prefecture|county|district)[ -]level|national|special|administrative|"
    r"[A-Z][\w'’-]*)\s)*(?P<kind>county|district|prefecture|township|town|city|province|banner|"
    r"municipality|region|village|neighborhood|island|river|mountains?|lake|state)\b"
)
_SKIP = re.compile(
    r"^(?:CL:|surname\b|Japanese surname|used in|used (?:as|to|for|before|after)\b|variant|"
    r"old variant|particle|classifier|erhua|Kangxi radical|euphemistic variant)",
)


def derive_table(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return simplified word -> glosses, at most `MAX_GLOSSES` each, without repeats.

    A reading written with a capital (a name) comes after the plain readings of a word, and the
    usual pronunciation before the others, because they are met more often; a word without any
    usable gloss is left out.
    """
    entries: dict[str, list[tuple[tuple[bool, bool], str]]] = {}
    pointers: dict[str, list[str]] = {}
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        _, word, pinyin, senses = match.groups()
        for sense in senses.split("/"):
            pointers.setdefault(word, []).extend(m["word"] for m in _POINTER.finditer(sense))
            order = (pinyin[:1].isupper(), not _is_usual(word, pinyin))
            entries.setdefault(word, []).extend((order, gloss) for gloss in _clean_sense(sense))
    table = {word: _pick(glosses) for word, glosses in entries.items() if glosses}
    for word, targets in pointers.items():
        borrowed = [g for target in targets if target != word for g in table.get(target, ())]
        if borrowed:
            table[word] = tuple(dict.fromkeys((*table.get(word, ()), *borrowed)))[:MAX_GLOSSES]
    return dict(sorted(table.items()))


def write_table(table: dict[str, tuple[str, ...]], path: Path = TABLE) -> None:
    """Write `table` as gzipped UTF-8 lines `word<TAB>gloss|gloss`; equal input, equal bytes."""
    body = "".join(f"{word}\t{'|'.join(glosses)}\n" for word, glosses in table.items())
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, compresslevel=9) as file:
        file.write(body.encode("utf-8"))
    path.write_bytes(buffer.getvalue())


def _clean_sense(sense: str) -> Iterator[str]:
    if _SKIP.match(sense) or _POINTER.match(sense):
        return
    plain = _NOTE.sub(" ", _NOTE.sub(" ", sense))
    if _HAN.search(plain):
        plain = re.split(r"\b(?:abbr\.|also|see|cf|CL:|variant)\b", plain)[0]
    for part in plain.split(";"):
        part = _shorten_place(part)
        head = part.split(",")[0] if part[:1].isupper() or part.count(" ") >= MAX_WORDS else part
        gloss = _LEAD.sub("", " ".join(_HAN.sub(" ", head).split())).strip(" .,:!?\"'")
        if gloss and len(gloss.split()) <= MAX_WORDS and any(c.isalnum() for c in gloss):
            yield gloss.replace("|", " ").replace("\t", " ")


def _shorten_place(part: str) -> str:
    place = _PLACE.match(part.strip())
    return f"{place['name']}{place['kind']}" if place else part


def _is_usual(word: str, pinyin: str) -> bool:
    """Whether `pinyin` (CC-CEDICT's numbered form) is how `word` is mostly pronounced."""
    usual = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
    return pinyin.lower().replace("u:", "v").split() == usual


def _pick(glosses: list[tuple[tuple[bool, bool], str]]) -> tuple[str, ...]:
    ordered = sorted(glosses, key=lambda item: item[0])  # stable within equal keys
    return tuple(dict.fromkeys(gloss for _, gloss in ordered))[:MAX_GLOSSES]


def main() -> None:
    """Read CC-CEDICT (`.u8` or `.u8.gz`) and write the table beside this file."""
    parser = argparse.ArgumentParser(description="Derive glosses.tsv.gz from CC-CEDICT.")
    parser.add_argument("cedict", type=Path, help="cedict_ts.u8, plain or gzipped")
    path: Path = parser.parse_args().cedict
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    table = derive_table(text.splitlines())
    write_table(table)
    print(f"{len(table):,} words, {TABLE.stat().st_size:,} bytes: {TABLE}")  # noqa: T201


if __name__ == "__main__":
    main()
