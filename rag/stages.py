"""Which stages of answering take part: all of them, unless what one is worth is being measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages that can be left out, each of them on.

    Attributes:
        dense, lexical, gloss: The legs of the search: one that is off is not searched, and counts
            nothing for a passage or a sentence. The judge, which was fitted with it, still reads
            the cosine of a sentence.
        passages: A sentence is ranked together with its passage.
        balance: Places among the passages are kept for each language.
        copies: Copies are left out for the first of them, and count as one voice.
        spelling: Misspelt words of the question are mended.
        reread: The most probable sentences are judged again by the cross-encoder.
        follow_ups: A follow-up is completed from the turn before.
        conflicts: Values that differ are laid side by side.
        verification: Statements that their quotes do not hold are dropped.
        refusal: What is not probable enough is refused.
    """

    dense: bool = True
    lexical: bool = True
    gloss: bool = True
    passages: bool = True
    balance: bool = True
    copies: bool = True
    spelling: bool = True
    reread: bool = True
    follow_ups: bool = True
    conflicts: bool = True
    verification: bool = True
    refusal: bool = True

    def leave_out(self, name: str) -> Stages:
        """The same stages but one.

        Raises:
            ValueError: If there is no such stage; it names those there are.
        """
        if name not in STAGES:
            raise ValueError(f"the stage is one of {', '.join(STAGES)}, not {name!r}")
        return replace(self, **{name: False})


ALL_STAGES = Stages()
STAGES: Mapping[str, str] = {
    "dense": "the dense leg of the search",
    "lexical": "the lexical leg",
    "gloss": "the gloss leg",
    "passages": "the passage's score beside the sentence's",
    "balance": "places kept for each language",
    "copies": "copies folded, as one voice",
    "spelling": "typos mended",
    "reread": "the best sentences read by the cross-encoder",
    "follow_ups": "follow-ups completed",
    "conflicts": "differing values laid side by side",
    "verification": "statements verified",
    "refusal": "refusing what is not probable enough",
}
