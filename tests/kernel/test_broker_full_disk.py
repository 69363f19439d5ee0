"""A message that the disk has no room for is refused and leaves nothing behind."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from kombu import Connection


def test_a_message_that_did_not_fit_leaves_no_half_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    options = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path),
               "control_folder": str(tmp_path), "store_processed": False}  # fmt: skip
    with Connection("filesystem://localhost//", transport_options=options) as connection:
        channel = connection.default_channel
        with monkeypatch.context() as full:
            full.setattr(Path, "write_bytes", half)
            with pytest.raises(OSError, match="No space"):
                channel._put("work", {"n": 1})
        assert list(tmp_path.iterdir()) == []
        channel._put("work", {"n": 2})
        assert channel._get("work") == {"n": 2}
