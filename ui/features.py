"""What a server offers beside asking, and within which limits: plain data, read at the edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ui.login import ANYBODY, Logins
from ui.protocols import Ask, GetDocument, Library, SearchPassages


@dataclass(frozen=True, slots=True)
class Features:
    """Everything is off unless it is given.

    Attributes:
        examples: Questions offered while the page is empty.
        concurrency: How many questions are answered at the same time.
        max_waiting: How many more may wait; beyond that a question is turned away.
        composers: Ways of answering that a reader may choose from, by name, the default first;
            none: the one there is.
        kept: Folder in which conversations and judgements of answers are kept; None: they are
            not, and a page that is loaded again is empty.
        hosts: Names that the server is reached by; none: any.
        logins: Who is let in; everybody is unless there are some.
        get_document: For the page that shows a whole document.
        reports: Folder of evaluation runs, whose reports are shown.
        search: For the page that shows what each search leg finds.
        library: The documents there are, to be listed.
        max_question_chars: `ask` refuses longer questions; the page says so before.
        may_add: Whether whoever reaches the pages may add documents, and remove them.
    """

    examples: Sequence[str] = ()
    concurrency: int = 4
    max_waiting: int = 32
    composers: Mapping[str, Ask] = field(default_factory=dict)
    kept: Path | None = None
    hosts: frozenset[str] = frozenset()
    logins: Logins = ANYBODY
    get_document: GetDocument | None = None
    reports: Path | None = None
    search: SearchPassages | None = None
    library: Library | None = None
    max_question_chars: int = 1000
    may_add: bool = False
