"""Run what produces a reply in a thread of its own, so that a deadline holds whatever it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import Empty, Queue
from threading import Event, Thread
from time import monotonic

from rag.errors import ModelFailedError

Put = Callable[[str | None], None]  # a piece, or None: the reply is whole
IsOver = Callable[[], bool]  # whether nobody waits any more: time is up, or the reader is gone
Produce = Callable[[Put, IsOver], None]
_Item = str | Exception | None  # a piece, what went wrong, or the end


def relay_pieces(produce: Produce, *, seconds: float, late: str) -> Iterator[str]:
    """Yield the pieces that `produce` puts, as they come.

    The wait ends on time even if `produce` hangs; it is asked to stop, and its thread ends when
    it next looks. Closing the iterator stops it the same way.

    Args:
        produce: Given where to put pieces and a question to ask often; it should return once
            the answer is True. What it raises is raised here. Once it has put None, nobody waits
            for it: it may tidy up.
        seconds: For everything, from the first piece asked for.
        late: What to say when time is up.

    Raises:
        ModelFailedError: With `late`, if `produce` is not done in time.
    """
    deadline = monotonic() + seconds
    closed = Event()
    items: Queue[_Item] = Queue()

    def is_over() -> bool:
        return closed.is_set() or monotonic() >= deadline

    Thread(
        target=_run, args=(produce, items, is_over, late), name="language-model", daemon=True
    ).start()
    try:
        while (item := _wait(items, deadline, late)) is not None:
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        closed.set()


def _run(produce: Produce, items: Queue[_Item], is_over: IsOver, late: str) -> None:
    def put(piece: str | None) -> None:
        if piece != "":
            items.put(piece)

    try:
        produce(put, is_over)
        items.put(ModelFailedError(late) if is_over() else None)
    except Exception as exc:  # noqa: BLE001 - raised where the pieces are read
        items.put(exc)


def _wait(items: Queue[_Item], deadline: float, late: str) -> _Item:
    try:
        return items.get(timeout=max(0.0, deadline - monotonic()))
    except Empty:
        raise ModelFailedError(late) from None
