"""What a page is sent of its transcript: the turns that it does not have yet, and which it has.

A transcript grows to hundreds of kilobytes, and a question shows it in several steps. So a turn is
sent when it is new or has changed, and else only named; the script of the page leaves what it has
as its reader left it, with all that is open in it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from ui.address import sum_up
from ui.turns import Turn

# So that serials go on growing in a server that is started later, and while the clock is set back.
_EPOCH = time.time_ns() - time.monotonic_ns()


def describe_page(
    turns: Sequence[Turn], known: Sequence[Turn] = (), *, told: str = ""
) -> dict[str, Any]:
    """Describe all turns of a page, in order, as JSON types.

    Args:
        turns: That are to be on the page, and no others.
        known: That the page was sent before; of these only numbers and sums are sent. The last of
            `turns` is sent whole all the same: a page may never have seen a step before this one.
        told: Name of what the script says beside; empty for nothing.

    Returns:
        `turns`, each with its `number`, the `sum` of its HTML, and the `html` if it is sent;
        `busy`, whether the last one is in work; `told`; and `serial`, which is larger in a later
        description: one that comes late, behind the reply to a Stop, is of no use any more. A page
        that lacks what is only named asks for all of it.
    """
    there = {turn.number: turn.html for turn in known}
    last = turns[-1].number if turns else 0
    described: list[dict[str, Any]] = []
    for turn in turns:
        named = {"number": turn.number, "sum": sum_up(turn.html)}
        same = turn.number != last and there.get(turn.number) == turn.html
        described.append(named if same else {**named, "html": turn.html})
    busy = bool(turns) and not turns[-1].finished
    serial = (_EPOCH + time.monotonic_ns()) // 1000
    return {"turns": described, "busy": busy, "told": told, "serial": serial}
