"""The folder that carries messages, among threads that stand for processes."""

from concurrent.futures import ThreadPoolExecutor
from queue import Empty

import pytest
from celery import current_app
from kombu import Connection
from kombu.exceptions import OperationalError

from governance.runtime.broker import Transport


@pytest.fixture
def link(tmp_path):
    return lambda: Connection(
        transport=Transport,
        transport_options={
            "data_folder_in": str(tmp_path),
            "data_folder_out": str(tmp_path),
            "control_folder": str(tmp_path / "control"),
        },
    )


def test_messages_arrive_in_the_order_they_were_sent(link):
    with link() as connection:
        queue = connection.SimpleQueue("default")
        for number in range(20):
            queue.put(number)

        assert [queue.get(timeout=1).payload for _ in range(20)] == list(range(20))


def test_message_arrives_in_a_second_folder_of_the_same_process(link, tmp_path):
    with link() as connection:
        connection.SimpleQueue("default").put("first")
    for path in (tmp_path / "control").iterdir():
        path.unlink()

    with link() as connection:
        queue = connection.SimpleQueue("default")
        queue.put("second")

        assert {queue.get(timeout=1).payload for _ in range(2)} == {"first", "second"}


def test_each_message_is_taken_once_by_many_takers(link):
    with link() as connection:
        for number in range(200):
            connection.default_channel._put("default", {"number": number})

    with ThreadPoolExecutor(4) as takers:
        taken = [number for got in takers.map(take_all, [link] * 4) for number in got]

    assert sorted(taken) == list(range(200))


def take_all(link) -> list[int]:
    numbers = []
    with link() as connection:
        try:
            while True:
                numbers.append(connection.default_channel._get("default")["number"])
        except Empty:
            return numbers


def test_bindings_made_at_the_same_moment_are_all_kept(link):
    def bind(number: int) -> None:
        with link() as connection:
            connection.default_channel._queue_bind("news", "", "", f"reader-{number}")

    with ThreadPoolExecutor(8) as binders:
        list(binders.map(bind, range(40)))

    with link() as connection:
        assert len(connection.default_channel.get_table("news")) == 40


def test_messages_of_other_queues_are_left_alone(link):
    with link() as connection:
        connection.default_channel._put("mail", {"number": 1})

        with pytest.raises(Empty):
            connection.default_channel._get("default")
        assert connection.default_channel._size("mail") == 1


def test_folder_that_is_gone_is_a_connection_error(link, tmp_path):
    tmp_path.rmdir()

    with link() as connection, pytest.raises(OperationalError):
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=1)


def test_every_thread_sends_to_the_broker_of_the_settings(settings):
    with ThreadPoolExecutor(1) as thread:
        app = thread.submit(current_app._get_current_object).result()

    assert app.main == "governance"
    assert app.conf.broker_url == settings.CELERY_BROKER_URL


def test_folder_is_the_one_made_safe():
    with Connection("filesystem://") as connection:
        assert connection.get_transport_cls() is Transport
