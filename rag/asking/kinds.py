"""What a question can ask for, and the form of a rule that tells it."""

from __future__ import annotations

from typing import Literal

Asked = Literal[
    "date", "time", "duration", "share", "money", "amount", "number",
    "person", "organization", "place", "reason", "yesno",
    "list", "definition", "product", "other",
]  # fmt: skip
"""What is asked for. `amount` is a bare "how much": money, a share or a number. `list` asks for
several things of a kind, `definition` for what a thing is or who a person is, `product` for which
of the things that are made and sold.
"""
# These give way to any other kind that is asked for beside them.
WEAK: frozenset[Asked] = frozenset(("yesno", "list", "definition", "product", "other"))

# A rule asks for a kind by a pattern, which is cut out of the question or kept in it.
Rule = tuple[Asked, str, bool]
CUT, KEPT = False, True
