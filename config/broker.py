"""Celery's filesystem transport, with messages that appear whole or not at all.

Its own writer opens a file and fills it afterwards; a reader that moves it in between reads half
a message, and the worker ends. Here a message is written beside the queue and renamed into it.
"""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

from kombu import transport
from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class WholeMessageChannel(filesystem.Channel):
    """Writes, then renames; both folders are on one file system."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Put `payload` onto `queue`."""
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        target = Path(self.data_folder_out) / name
        draft = target.with_name(f"draft-{uuid.uuid4()}")  # of no queue: readers pass it by
        draft.write_bytes(str_to_bytes(dumps(payload)))
        draft.rename(target)


class WholeMessageTransport(filesystem.Transport):
    """The embedded default's broker."""

    Channel = WholeMessageChannel


def register() -> None:
    """Have `filesystem://` mean this one."""
    transport.TRANSPORT_ALIASES["filesystem"] = "config.broker:WholeMessageTransport"
