"""Make the bundled cross-encoder: `python -m embeddings.cross_training --data DATA --out FOLDER`.

It learns from the lessons in `data`; those in `held.txt.gz` only tell how well. Equal data, seed
and options give equal cases in equal order; the weights then differ between processors only by
how they round.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from embeddings.bilingual import CHECKSUMS, MODEL, BilingualEncoder
from embeddings.cross_encoder import PairReader
from embeddings.cross_training.cases import Casebook
from embeddings.cross_training.lessons import LESSONS, Article, read_articles
from embeddings.cross_training.teach import check, read_cases, teach
from embeddings.pair_model import WEIGHTS, PairModel, build_pair_model

LOG = logging.getLogger("cross_training")
CARD = Path(__file__).with_name("CARD.md")
HELD = "held.txt.gz"
SHOWN = ("epochs", "wrong", "batch", "rate", "seed")


def main() -> None:
    """Read the options, then lessons, cases, teaching, folder."""
    options = _read_options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(options.seed)
    paths = sorted(options.lessons.glob("*.txt.gz"))
    known = [a for p in paths if p.name != HELD for a in read_articles(p, options.data)]
    held = read_articles(options.lessons / HELD)
    encoder, reader = BilingualEncoder(), _make_reader()
    casebook = Casebook(known, encoder)
    cases = [
        casebook.write(wrong=options.wrong, seed=options.seed + n) for n in range(options.epochs)
    ]
    LOG.info("%d articles, %d cases an epoch", len(known), len(cases[0]))
    model = build_pair_model(MODEL)
    tested = read_cases(reader, Casebook(held, encoder).write(wrong=7, seed=options.seed))
    teach(
        model, [read_cases(reader, part) for part in cases],
        rate=options.rate, batch=options.batch, seed=options.seed,
    )  # fmt: skip
    results = check(model, tested, batch=options.batch)
    LOG.info("held: first %.3f, chosen %.3f, words %.3f", *results)
    counts = {"articles": len(known), "lessons": _count(known), "cases": len(cases[0])}
    counts |= {"held_articles": len(held), "held_lessons": _count(held)}
    write_folder(model, options.out, card=write_card(vars(options), counts, results))
    LOG.info("wrote %s", options.out)


def write_folder(model: PairModel, out: Path, *, card: str) -> None:
    """Write weights in half precision, their checksum, and the card."""
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: w.half().contiguous() for name, w in model.get_learnt().items()}
    save_file(weights, out / WEIGHTS, metadata={"format": "pt"})
    (out / WEIGHTS).chmod(0o644)  # written for its owner alone
    digest = hashlib.sha256((out / WEIGHTS).read_bytes()).hexdigest()
    (out / CHECKSUMS).write_text(f"{digest}  {WEIGHTS}\n")
    (out / "README.md").write_text(card, encoding="utf-8")


def write_card(
    options: dict[str, Any], counts: dict[str, int], results: tuple[float, float, float]
) -> str:
    """Fill `CARD.md` with what this run used and reached."""
    lines = "\n".join(f"| {name} | {options[name]} |" for name in SHOWN)
    first, chosen, words = (f"{share:.3f}" for share in results)
    told = {name: f"{count:,}" for name, count in counts.items()}
    return CARD.read_text(encoding="utf-8").format(
        options=lines, first=first, chosen=chosen, words=words, **told
    )


def _make_reader() -> PairReader:
    return PairReader(Tokenizer.from_file(str(MODEL / "tokenizer.json")))


def _count(articles: list[Article]) -> int:
    return sum(len(article.lessons) for article in articles)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m embeddings.cross_training", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="folder that holds pairs.tsv.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--lessons", type=Path, default=LESSONS, help="folder of *.txt.gz")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--wrong", type=int, default=4, help="wrong sentences a case")
    parser.add_argument("--batch", type=int, default=16, help="cases a step")
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
