"""What each stage is worth: the same questions without it, one stage at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.compare import Comparison, compare_runs, format_table, name_verdict
from eval.measures.scores import Difference
from eval.report import ALL, Report
from rag.errors import CorpusError
from rag.stages import STAGES

WHOLE = "whole"
MEASURES_SHOWN = ("value", "document", "refused", "falsely refused", "conflict", "recall@5")
Run = Callable[[str | None, Path], Report]
"""`run(stage, folder)` asks all questions without that stage, or with every one for None."""


@dataclass(frozen=True, slots=True)
class Ablation:
    """A system as a whole, and beside it without one stage after the other.

    Attributes:
        whole: With every stage.
        without: Stage -> what changes where it is left out: below 0, it was of use.
    """

    whole: Report
    without: Mapping[str, Comparison]

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return {
            "whole": self.whole.to_dict(),
            "without": {stage: found.to_dict() for stage, found in self.without.items()},
        }


def ablate_stages(run: Run, folder: Path, *, stages: Sequence[str] = tuple(STAGES)) -> Ablation:
    """Run the whole, then leave out each stage; every run is kept in a folder of its own.

    Args:
        run: Asks the questions; see `Run`.
        folder: For the folders, `whole` and one a stage.
        stages: Of `rag.stages.STAGES`.

    Raises:
        CorpusError: If there is no such stage, before anything is asked.
    """
    for stage in stages:
        if stage not in STAGES:
            raise CorpusError(f"no stage is called {stage!r}. There are: {', '.join(STAGES)}")
    whole = run(None, folder / WHOLE)
    return Ablation(
        whole, {stage: compare_runs(whole, run(stage, folder / stage)) for stage in stages}
    )


def format_ablation(ablation: Ablation, *, parts: Sequence[str] = (ALL,)) -> str:
    """Write one table a part, a row a stage: what every measure gains without it.

    A difference that chance alone does not explain is marked `better` or `worse`.
    """
    lines = [f"{ablation.whole.name}, {len(ablation.whole.records)} questions"]
    for part in parts:
        known = ablation.whole.parts.get(part, {})
        names = [name for name in MEASURES_SHOWN if name in known]
        whole = (WHOLE, *(f"{known[name].value:.3f} (n={known[name].n})" for name in names), "")
        rows = [
            (f"without {stage}", *_list_cells(found, part, names), STAGES[stage])
            for stage, found in ablation.without.items()
        ]
        lines += ["", *format_table([whole, *rows], (part, *names, "what it does"))]
    return "\n".join(lines)


def _list_cells(comparison: Comparison, part: str, names: Sequence[str]) -> Iterator[str]:
    found = comparison.parts.get(part, {})
    return (_tell(name, found[name]) if name in found else "" for name in names)


def _tell(name: str, difference: Difference) -> str:
    if not difference.better and not difference.worse:
        return "="
    ends = f"[{difference.low:+.3f}, {difference.high:+.3f}]"
    return f"{difference.value:+.3f} {ends} {name_verdict(name, difference)}".rstrip()
