"""Celery's filesystem transport, with messages that appear whole or not at all.

Its own writer opens a file and fills it afterwards; a reader that comes in between reads half a
message (or half a table of queues), and the worker ends. Here everything is written beside its
place and renamed into it, and nothing leaves the broker's folders.
"""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu import transport
from kombu.transport import filesystem
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads


class WholeMessageChannel(filesystem.Channel):
    """Writes, then renames; takes by renaming."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Put `payload` onto `queue`."""
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        _write_whole(Path(self.data_folder_out) / name, payload)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Take the oldest message of `queue`; of several readers one gets it."""
        for path in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            if path.name.partition(".")[2] != f"{queue}.msg":
                continue  # of a queue whose name merely ends like ours
            taken = path.with_name(f"taken-{uuid.uuid4()}")
            try:
                path.rename(taken)
                message = taken.read_bytes()
                taken.unlink()
                return loads(bytes_to_str(message))
            except (OSError, ValueError):
                continue  # another reader was faster, or it is no message: the next tick comes
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        """Note that `exchange` feeds `queue`."""
        entry = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        known = self.get_table(exchange)
        if entry not in known:
            file: Path = self._exchange_file(exchange)  # type: ignore[attr-defined]
            _write_whole(file, [*known, entry])


class WholeMessageTransport(filesystem.Transport):
    """The embedded default's broker."""

    Channel = WholeMessageChannel


def _write_whole(target: Path, content: Any) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"draft-{uuid.uuid4()}")
    try:
        draft.write_bytes(str_to_bytes(dumps(content)))
        draft.rename(target)
    except OSError:
        # On a full disk the clock alone would leave two of these behind a second.
        draft.unlink(missing_ok=True)
        raise


def register() -> None:
    """Have `filesystem://` mean this one."""
    transport.TRANSPORT_ALIASES["filesystem"] = "config.broker:WholeMessageTransport"
