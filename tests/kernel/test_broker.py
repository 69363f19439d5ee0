"""The embedded broker never hands out half a message."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from config.broker import WholeMessageTransport


@pytest.fixture
def connection(tmp_path: Path) -> Any:
    options = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path),
               "control_folder": str(tmp_path / "control"), "store_processed": False}  # fmt: skip
    (tmp_path / "control").mkdir()
    with Connection("filesystem://localhost//", transport_options=options) as made:
        yield made


def test_filesystem_means_our_transport(connection: Any) -> None:
    assert isinstance(connection.transport, WholeMessageTransport)


def test_messages_read_while_they_are_written_are_whole(connection: Any, tmp_path: Path) -> None:
    channel = connection.default_channel
    body = {"text": "x" * 20_000}
    done = threading.Event()

    def write() -> None:
        for _ in range(300):
            channel._put("work", body)
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    read = 0
    while read < 300:
        try:
            assert channel._get("work") == body
            read += 1
        except Empty:
            assert not (done.is_set() and not list(tmp_path.glob("*.msg")))
    thread.join()
    assert not list(tmp_path.glob("draft-*"))


def test_a_file_that_is_no_message_stops_nobody(connection: Any, tmp_path: Path) -> None:
    channel = connection.default_channel
    (tmp_path / "0_x.work.msg").write_text("")
    channel._put("work", {"n": 1})
    assert channel._get("work") == {"n": 1}
    with pytest.raises(Empty):
        channel._get("work")


def test_each_message_is_taken_by_one_of_many(connection: Any) -> None:
    channel = connection.default_channel
    for n in range(200):
        channel._put("work", n)
    taken: list[int] = []

    def take() -> None:
        while True:
            try:
                taken.append(channel._get("work"))
            except Empty:
                return

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(200))
