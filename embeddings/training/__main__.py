"""Make the bundled encoder: `python -m embeddings.training --data DATA --out FOLDER`.

Needs the extra `training`. Equal data, seed and options give equal lessons in equal order; the
weights then differ between processors only by how they round.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from embeddings.training.card import write_card
from embeddings.training.curriculum import Material, Portions, read_material, write_epoch
from embeddings.training.distill import distill
from embeddings.training.folder import write_folder
from embeddings.training.student import Rows, Student, blend_body, cut_tokens
from embeddings.training.teacher import Teacher, find_teacher
from embeddings.training.tokenizer import START, UNKNOWN, build_tokenizer
from embeddings.training.vocabulary import choose_words, scale_rows, value_words

LOG = logging.getLogger("training")


def main() -> None:
    """Read the options, then data, words, lessons, training, folder."""
    options = _read_options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(options.seed)
    material = read_material(options.data, _read_text(options.count_words_in))
    teacher = Teacher(options.teacher or find_teacher())
    words, values = _choose(material, teacher, options.words)
    tokenizer = build_tokenizer(teacher.folder, words)
    student = Student(teacher.folder, _first_rows(tokenizer, values, teacher))
    student.to(options.device)
    LOG.info(
        "%d pairs, %d words, %d rows", len(material.pairs), len(words), len(student.new.weight)
    )
    epochs = [
        _prepare(material, teacher, tokenizer, options, options.seed + n)
        for n in range(options.epochs)
    ]
    distill(
        student, epochs, body_rate=options.body_rate, row_rate=options.row_rate,
        contrast=options.contrast, batch_tokens=options.batch_tokens, seed=options.seed,
    )  # fmt: skip
    blend_body(student, teacher.folder, share=options.blend)
    card = write_card(vars(options), pairs=len(material.pairs), words=len(words))
    write_folder(student.cpu(), tokenizer, teacher.folder, options.out, card=card)
    LOG.info("wrote %s", options.out)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m embeddings.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the .tsv.gz files")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--teacher", type=Path, help="folder; else the installed package's")
    parser.add_argument("--count-words-in", type=Path, help=".jsonl.gz with Chinese `text`s")
    parser.add_argument("--device", default="cpu", help="as PyTorch names it")
    parser.add_argument("--words", type=int, default=40_800, help="rows for Chinese words")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--questions", type=int, default=50_000, help="made questions an epoch")
    parser.add_argument("--glosses", type=int, default=20_000, help="dictionary words an epoch")
    parser.add_argument("--english", type=int, default=30_000, help="English texts an epoch")
    parser.add_argument("--body-rate", type=float, default=2e-4)
    parser.add_argument("--row-rate", type=float, default=2e-3)
    parser.add_argument("--contrast", type=float, default=0.2, help="weight of the contrast")
    parser.add_argument("--batch-tokens", type=int, default=2048)
    parser.add_argument("--max-tokens", type=int, default=128, help="a longer text is cut")
    parser.add_argument("--blend", type=float, default=0.6, help="share of what the body learnt")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _read_text(path: Path | None) -> Iterator[str]:
    if path is not None:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)["text"]


def _choose(material: Material, teacher: Teacher, size: int) -> tuple[list[str], dict[str, Rows]]:
    glosses = sorted({gloss for all_ in material.words.values() for gloss in all_} | {"the"})
    values = value_words(material.words, teacher.value_glosses(glosses))
    return choose_words(material.words, material.counts, values, size=size), values


def _first_rows(tokenizer: Tokenizer, values: dict[str, Rows], teacher: Teacher) -> Rows:
    first = len(teacher.rows)
    pieces = {id_: piece for piece, id_ in tokenizer.get_vocab().items() if id_ >= first}
    little = values["的"]
    rows = [
        little if pieces[id_] in (START, f"##{UNKNOWN}") else values[pieces[id_].removeprefix("##")]
        for id_ in sorted(pieces)
    ]
    return scale_rows(np.stack(rows).astype(np.float32), teacher.rows)


def _prepare(
    material: Material,
    teacher: Teacher,
    tokenizer: Tokenizer,
    options: argparse.Namespace,
    seed: int,
) -> tuple[list[list[int]], Rows]:
    portions = Portions(options.glosses, options.questions, options.english)
    lessons = write_epoch(material, portions, seed)
    tokens = cut_tokens(
        tokenizer, [lesson.text for lesson in lessons], max_tokens=options.max_tokens
    )
    LOG.info("%d lessons, %d tokens", len(lessons), sum(map(len, tokens)))
    return tokens, teacher.encode([lesson.target for lesson in lessons])


if __name__ == "__main__":
    main()
