"""What a reader is told of an error: its sentence, without the places on the server in it."""

from __future__ import annotations

import logging
import re
import secrets

from rag.errors import QuestionError, RagError
from ui import error_words
from ui.words import ZH, Words

# A path between quotation marks, but for its last part; backslashes are doubled there.
_PLACE = re.compile(r"(?<=['\"])(?:[A-Za-z]:)?[\\/][^'\"\n]*[\\/](?=[^'\"\\/\n]+['\"])")
_log = logging.getLogger(__name__)


def tell_error(error: RagError, words: Words) -> str:
    """Return the text of `error` for a reader, in their language if its code is known.

    The log has all of it. Paths are cut to their last part: whoever runs the server knows the
    rest, and readers, who may be anybody, need not. What is wrong with a question names none, and
    is not logged.
    """
    if not isinstance(error, QuestionError):
        _log.warning("%s: %s", type(error).__name__, error)
    known = error_words.ZH.get(error.code) if words is ZH else None
    if known is not None:
        return known.format(**error.values)
    if isinstance(error, QuestionError):
        return str(error)
    return _PLACE.sub("", str(error))


def note_failure(failure: Exception) -> str:
    """Log what happened, all of it, and return the reference under which the log holds it."""
    reference = secrets.token_hex(4)
    _log.error("something failed, reference %s", reference, exc_info=failure)
    return reference
