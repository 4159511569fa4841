"""What can go wrong in a way that a user can mend. The message is fit to show as it is.

RagError
├── CorpusError          nothing to read, or a file or folder that cannot be read
├── QuestionError        an empty question, or one that is too long
├── IndexMissingError    no index at the path given
├── IndexMismatchError   the index was built by another encoder, or by another file format
├── IndexDamagedError    the index file is not readable as one
├── IndexLockedError     another process is writing to the index
├── ModelMissingError    model files are not installed, or are not what they should be
└── ModelFailedError     the language model did not reply, or not with anything usable
"""


class RagError(Exception):
    """Base of every error whose text is written for the user.

    Attributes:
        code: Names what is wrong, for whoever words it in another language; empty: only the text
            says it.
        values: What such words may hold, by name.
    """

    code = ""

    def __init__(self, message: str = "", *, code: str = "", **values: int | str) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.values = values


class CorpusError(RagError):
    """There is nothing to read, or it cannot be read."""


class QuestionError(RagError):
    """The question is empty or too long."""


class IndexMissingError(RagError):
    """There is no index at the path given."""

    code = "index_missing"


class IndexMismatchError(RagError):
    """The index was built by another encoder, other settings or another file format."""

    code = "index_mismatch"


class IndexDamagedError(RagError):
    """The index file cannot be read as an index."""

    code = "index_damaged"


class IndexLockedError(RagError):
    """Another process is writing to the index."""

    code = "index_locked"


class ModelMissingError(RagError):
    """Model files are not installed, or are not the ones expected."""

    code = "model_missing"


class ModelFailedError(RagError):
    """The language model did not reply in time, or not with anything that can be used."""

    code = "model_failed"
