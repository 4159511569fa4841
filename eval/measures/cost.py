"""What the answers of a language model cost, from the tokens that each of them took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from eval.measures.metrics import Mean, estimate_mean
from rag.errors import CorpusError
from rag.types import Usage

PER = 1_000_000  # tokens that a price is of


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a million tokens, read and written, in any one currency; at least 0."""

    prompt: float = 0.0
    completion: float = 0.0

    def __post_init__(self) -> None:
        if not all(isfinite(price) and price >= 0 for price in (self.prompt, self.completion)):
            raise ValueError(f"prices are at least 0, got {self.prompt} and {self.completion}")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a run, in the currency of its prices: of all questions, and the mean of one.

    The mean is over the questions whose model told its tokens.
    """

    total: float
    mean: Mean


def measure_cost(usages: Sequence[Usage], prices: Prices) -> Cost | None:
    """Sum up what replies cost; None without any."""
    if not usages:
        return None
    costs = [
        (prices.prompt * usage.prompt_tokens + prices.completion * usage.completion_tokens) / PER
        for usage in usages
    ]
    return Cost(sum(costs), estimate_mean(costs))


def read_prices(details: Mapping[str, Any]) -> Prices | None:
    """The prices among the details of a run; None if none were given.

    Raises:
        CorpusError: If they are not two numbers of at least 0.
    """
    record = details.get("prices")
    if record is None:
        return None
    try:
        return Prices(float(record["prompt"]), float(record["completion"]))
    except (LookupError, TypeError, ValueError) as exc:
        raise CorpusError(
            f"the prices of the run are {record!r}, but should be a prompt and a completion, "
            "numbers of at least 0. Correct its run.json"
        ) from exc
