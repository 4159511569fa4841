"""Complete a follow-up question with what the turn before lends it, without a language model.

`and the Pro?`, `它有多长？` and `who said that?` cannot be searched for as they are. What is lent
is words of the question before, the names that its answer gives, and for "who said that?" the
first sentence it cites. None of it is evidence: the completed question is asked of the documents
like any other. A question that may stand alone is left as it is, which is the lesser error.
"""

from __future__ import annotations

import re

from embeddings.fold import fold_text
from embeddings.gloss import Glossary
from rag.following.chinese import complete_chinese
from rag.following.english import complete_english
from rag.following.turns import read_turn
from rag.language import detect_language
from rag.types import Answer

LONGEST = 120  # characters of a follow-up; a longer question says what it is about


def complete_question(text: str, previous: Answer | None, glossary: Glossary) -> str:
    """Return the question as it should be searched for.

    That is `text`, stripped, where it stands alone; else a question in its language that holds
    what it leaves unsaid. A completed one is in half width and simplified characters.

    Args:
        text: What was asked now.
        previous: The answer to the turn before, found or refused; None at the first turn.
        glossary: Cuts Chinese into words, and gives words of one language in the other.
    """
    folded = " ".join(fold_text(text).split()).rstrip("?？!！.。 ")
    if previous is None or not folded or len(folded) > LONGEST:
        return text.strip()
    turn = read_turn(previous, glossary)
    chinese = detect_language(folded) == "zh" or _is_fragment(folded, turn.language == "zh")
    complete = complete_chinese if chinese else complete_english
    completed = complete(folded, turn, glossary)
    return text.strip() if completed is None else completed


def _is_fragment(folded: str, chinese: bool) -> bool:
    """Whether `X9` or `2023` tells no language by itself and follows a Chinese question."""
    return chinese and re.search(r"[a-z]{2}|\s", folded) is None
