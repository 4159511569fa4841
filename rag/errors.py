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
    """Base of every error whose text is written for the user."""


class CorpusError(RagError):
    """There is nothing to read, or it cannot be read."""


class QuestionError(RagError):
    """The question is empty or too long."""


class IndexMissingError(RagError):
    """There is no index at the path given."""


class IndexMismatchError(RagError):
    """The index was built by another encoder, other settings or another file format."""


class IndexDamagedError(RagError):
    """The index file cannot be read as an index."""


class IndexLockedError(RagError):
    """Another process is writing to the index."""


class ModelMissingError(RagError):
    """Model files are not installed, or are not the ones expected."""


class ModelFailedError(RagError):
    """The language model did not reply in time, or not with anything that can be used."""
