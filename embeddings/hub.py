"""Whether the model hub can be reached: asked before a library tries on for over a minute."""

from __future__ import annotations

from urllib.error import HTTPError
from urllib.request import urlopen

HUB_SECONDS = 5.0


def reach_hub() -> None:
    """Return if the hub answers, even if it refuses.

    Raises:
        OSError: If it does not answer within `HUB_SECONDS`, or must not be asked.
    """
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        raise OSError("the model is not in the cache, and HF_HUB_OFFLINE is set")
    try:
        urlopen(constants.ENDPOINT, timeout=HUB_SECONDS).close()  # noqa: S310 - an address by rule
    except HTTPError:
        return
