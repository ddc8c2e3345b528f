"""What does a consumer say that cannot go on, and does it lose nothing by it?

One line on standard error, exit status 2, no secret in it; and once it is mended, it reads on.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from tests.command import hoso
from tests.services.kafka import Broker
from tests.services.postgres import Postgres
from tests.services.processes import free_port
from tests.services.required import need
from tests.told import Json
from tests.torment.running import Consumer, Nursery, Place
from tests.torment.sending import Message, identities, kept, lives, messages, send

SECRET = "not-for-anybody-to-see"
MEGABYTE = 1_048_576
MORE_THAN_A_MEGABYTE = 6_000  # events
PASSWORD = "HOSO_KAFKA_SASL_PLAIN_PASSWORD"
LOGIN = {
    "HOSO_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
    "HOSO_KAFKA_SASL_MECHANISM": "PLAIN",
    "HOSO_KAFKA_SASL_PLAIN_USERNAME": "hoso",
}
SOON_MS = 2_000
NOBODY = "127.0.0.1:1"


@pytest.fixture
def place(broker: Broker, topic: str, tmp_path: Path) -> Place:
    return Place(broker.bootstrap, topic, f"sqlite:///{tmp_path / 'hoso.db'}")


def refused(consumer: Consumer) -> str:
    """What it says, in its last line, before it ends; all else it says is its log."""
    assert consumer.wait() == 2, consumer.output()
    *log, line = consumer.output().splitlines()
    assert all(each.startswith("{") for each in log), consumer.output()
    assert line.startswith("hoso: ")
    assert line.isprintable()
    assert SECRET not in consumer.output()
    assert "Traceback" not in consumer.output()
    assert "fault of hoso" not in line
    return line.removeprefix("hoso: ")


def drained(nursery: Nursery, place: Place, status: int = 0) -> None:
    consumer = nursery.consumer(place._replace(group="another"), "--until-end")
    assert consumer.wait() == status, consumer.output()


def assert_each_once(place: Place, events: list[Json]) -> None:
    found = kept(place.store)
    assert (found.events, found.rejects, found.gaps) == (identities(events), [], {})


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """A disk of its own at a folder."""
    if shutil.which("mount") is None or mount("-t", "tmpfs", "hoso", folder).returncode:
        need("mount", "a disk that is full or read-only needs the right to mount one")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def mount(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False)


def leave_room(folder: Path, megabytes: int) -> None:
    """Have so much room on the disk at a folder, and no more."""
    size = shutil.disk_usage(folder).used + megabytes * MEGABYTE
    mount("-o", f"remount,size={size}", folder).check_returncode()


def assert_stopped_midway(place: Place, events: list[Json]) -> None:
    found = kept(place.store)
    assert (found.rejects, found.gaps) == ([], {})
    assert found.events <= identities(events)
    assert found.events.total() == sum(reached + 1 for reached in found.reached.values())
    assert found.events.total() < len(events)


def test_a_full_disk_stops_it_and_it_resumes_when_there_is_room(
    broker: Broker, nursery: Nursery, topic: str, tmp_path: Path
) -> None:
    events = lives(MORE_THAN_A_MEGABYTE)
    send(broker, topic, messages(events))
    place = Place(broker.bootstrap, topic, f"sqlite:///{tmp_path / 'hoso.db'}")
    with mounted(tmp_path):
        leave_room(tmp_path, 1)
        told = refused(nursery.consumer(place, at_most=100))
        assert told == f"{tmp_path / 'hoso.db'}: database or disk is full"
        leave_room(tmp_path, 0)
        told = refused(nursery.consumer(place, at_most=100))
        assert told.startswith(f"{tmp_path / 'hoso.db'}: ")
        leave_room(tmp_path, 64)
        assert_stopped_midway(place, events)
        drained(nursery, place)
        assert_each_once(place, events)


@contextmanager
def in_tablespace(url: str, folder: Path, owner: str | None) -> Iterator[None]:
    """The database of a URL lies in a folder meanwhile."""
    name = sql.Identifier(urlsplit(url).path.removeprefix("/"))
    space = sql.Identifier(folder.name)
    server = urlsplit(url)._replace(path="/postgres").geturl()
    if owner:
        shutil.chown(folder, owner)
    with psycopg.connect(server, autocommit=True) as connection:
        where = sql.Literal(str(folder))
        connection.execute(sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(space, where))
        move = sql.SQL("ALTER DATABASE {} SET TABLESPACE {}")
        connection.execute(move.format(name, space))
        try:
            yield
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL("DROP TABLESPACE {}").format(space))


def test_a_full_disk_of_the_server_stops_it_and_it_resumes_when_there_is_room(
    broker: Broker, postgres: Postgres, database: str, nursery: Nursery, topic: str
) -> None:
    if postgres.elsewhere:
        pytest.skip("only a server that the tests started is theirs to fill")
    events = lives(MORE_THAN_A_MEGABYTE)
    send(broker, topic, messages(events))
    place = Place(broker.bootstrap, topic, database)
    disk = postgres.folder / f"disk_{topic.replace('-', '_')}"
    disk.mkdir()
    with mounted(disk), in_tablespace(database, disk, postgres.user):
        leave_room(disk, 1)
        told = refused(nursery.consumer(place, at_most=100))
        assert told.startswith(f"{database}: could not extend file")
        assert "No space left on device" in told
        leave_room(disk, 64)
        assert_stopped_midway(place, events)
        drained(nursery, place)
        assert_each_once(place, events)


def test_a_read_only_file_stops_it_and_it_resumes_when_it_may_write(
    broker: Broker, nursery: Nursery, topic: str, tmp_path: Path
) -> None:
    events = lives(60)
    place = Place(broker.bootstrap, topic, f"sqlite:///{tmp_path / 'hoso.db'}")
    with mounted(tmp_path):
        send(broker, topic, messages(events[:20]))
        drained(nursery, place)
        send(broker, topic, messages(events[20:]))
        mount("-o", "remount,ro", tmp_path).check_returncode()
        told = refused(nursery.consumer(place))
        assert str(tmp_path / "hoso.db") in told
        assert "readonly" in told
        mount("-o", "remount,rw", tmp_path).check_returncode()
        drained(nursery, place)
        assert_each_once(place, events)


def test_a_database_made_read_only_stops_it_and_it_resumes_when_it_may_write(
    broker: Broker, database: str, nursery: Nursery, topic: str
) -> None:
    events = lives(60)
    place = Place(broker.bootstrap, topic, database)
    send(broker, topic, messages(events[:20]))
    consumer = nursery.consumer(place)
    consumer.tells("recorded")
    read_only(database, "on")
    send(broker, topic, messages(events[20:]))
    assert "read-only transaction" in refused(consumer)
    read_only(database, "off")
    drained(nursery, place)
    assert_each_once(place, events)


def read_only(url: str, setting: str) -> None:
    """Whether a database may be written from now on; who is connected is sent away."""
    name = urlsplit(url).path.removeprefix("/")
    server = urlsplit(url)._replace(path="/postgres").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        set_it = "ALTER DATABASE {} SET default_transaction_read_only = {}"
        connection.execute(sql.SQL(set_it).format(sql.Identifier(name), sql.SQL(setting)))
        away = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(away, (name,))


@pytest.mark.parametrize("anew", [0, 5, 50], ids=["empty", "shorter", "longer"])
def test_a_topic_made_anew_is_told(
    broker: Broker, nursery: Nursery, place: Place, anew: int
) -> None:
    events = lives(30)
    send(broker, place.topic, in_one_partition(events))
    drained(nursery, place)
    broker.delete_topic(place.topic)
    broker.create_topic(place.topic, 3)
    send(broker, place.topic, in_one_partition(lives(anew, first=30)))
    told = refused(nursery.consumer(place))
    assert f"topic '{place.topic}' was made again" in told
    assert_each_once(place, events)


@pytest.mark.parametrize("anew", [5, 50], ids=["shorter", "longer"])
def test_a_topic_made_anew_while_it_runs_is_told(
    broker: Broker, nursery: Nursery, place: Place, anew: int
) -> None:
    events = lives(30)
    send(broker, place.topic, in_one_partition(events))
    consumer = nursery.consumer(place)
    consumer.tells("recorded")
    broker.delete_topic(place.topic)
    broker.create_topic(place.topic, 3)
    send(broker, place.topic, in_one_partition(lives(anew, first=30)))
    assert place.topic in refused(consumer)
    assert_each_once(place, events)


def in_one_partition(events: list[Json]) -> list[Message]:
    return [message._replace(partition=0) for message in messages(events)]


def test_a_topic_removed_while_it_runs_is_told(
    broker: Broker, nursery: Nursery, place: Place
) -> None:
    events = lives(30)
    send(broker, place.topic, messages(events))
    consumer = nursery.consumer(place)
    consumer.tells("recorded")
    broker.delete_topic(place.topic)
    assert place.topic in refused(consumer)
    assert_each_once(place, events)


def test_a_topic_that_is_not_there_is_told(broker: Broker, nursery: Nursery, place: Place) -> None:
    told = refused(nursery.consumer(place._replace(topic=f"{place.topic}-else")))
    assert told == f"Kafka at {broker.bootstrap}: there is no topic '{place.topic}-else'"


def test_a_broker_that_is_not_there_is_told(nursery: Nursery, place: Place) -> None:
    consumer = nursery.consumer(
        place._replace(servers=NOBODY),
        settings=LOGIN | {PASSWORD: SECRET},
        answer_ms=SOON_MS,
    )
    assert refused(consumer).startswith(f"Kafka at {NOBODY}: ")


@pytest.mark.parametrize(
    "settings",
    [
        {"HOSO_KAFKA_SECURITY_PROTOCOL": SECRET},
        {"HOSO_KAFKA_SESSION_TIMEOUT_MS": SECRET},
        {"HOSO_KAFKA_HEARTBEAT_INTERVAL_MS": "60000"},
        {"HOSO_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"},
        {"HOSO_KAFKA_SECURITY_PROTOCOL": "SSL", "HOSO_KAFKA_SSL_CAFILE": "/no/such/file"},
    ],
    ids=["protocol", "session", "heartbeat", "mechanism", "certificates"],
)
def test_a_setting_that_cannot_be_is_told(
    nursery: Nursery, place: Place, settings: dict[str, str]
) -> None:
    settings = {PASSWORD: SECRET, **settings}
    assert refused(nursery.consumer(place, settings=settings, answer_ms=SOON_MS))


class Guarded(Broker):
    """A broker that asks for a password."""

    def __init__(self) -> None:
        super().__init__()
        self.guarded = f"127.0.0.1:{free_port()}"

    def prepare(self) -> None:
        """Write the settings, with another listener."""
        super().prepare()
        settings = self.folder / "settings"
        listener = "listener.name.sasl_plaintext"
        module = "org.apache.kafka.common.security.plain.PlainLoginModule"
        protocols = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT"
        plain = settings.read_text().replace(
            "\nlisteners=", f"\nlisteners=SASL_PLAINTEXT://{self.guarded},", 1
        )
        settings.write_text(
            f"{plain}listener.security.protocol.map={protocols}\nsasl.enabled.mechanisms=PLAIN\n"
            f'{listener}.plain.sasl.jaas.config={module} required user_hoso="right";\n'
        )


@pytest.fixture(scope="module")
def guarded(broker: Broker) -> Iterator[Guarded]:
    if broker.elsewhere:
        pytest.skip("a broker that asks for a password is one of the tests' own")
    with Guarded() as server:
        server.start()
        yield server


def test_a_password_is_needed_and_a_wrong_one_is_told(
    guarded: Guarded, nursery: Nursery, tmp_path: Path
) -> None:
    guarded.create_topic("topic", 1)
    send(guarded, "topic", messages(lives(3)))
    place = Place(guarded.guarded, "topic", f"sqlite:///{tmp_path / 'hoso.db'}")
    wrong = nursery.consumer(place, settings=LOGIN | {PASSWORD: SECRET}, answer_ms=SOON_MS)
    right = nursery.consumer(place, "--until-end", settings=LOGIN | {PASSWORD: "right"})
    assert refused(wrong).startswith(f"Kafka at {guarded.guarded}: ")
    assert right.wait() == 0, right.output()
    assert_each_once(place, lives(3))


@pytest.fixture
def locked(postgres: Postgres, database: str) -> Iterator[str]:
    """A database's URL, with the name of somebody of whom the server asks a password."""
    if postgres.elsewhere:
        pytest.skip("only a server that the tests started is theirs to lock")
    access = postgres.folder / "data" / "pg_hba.conf"
    open_to_all = access.read_text()
    access.write_text(f"host all locked 127.0.0.1/32 scram-sha-256\n{open_to_all}")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE ROLE locked LOGIN SUPERUSER PASSWORD 'right'")
        connection.execute("SELECT pg_reload_conf()")
        yield database
        access.write_text(open_to_all)
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("REASSIGN OWNED BY locked TO postgres")
        connection.execute("DROP ROLE locked")


def test_a_wrong_password_of_the_database_is_told(
    broker: Broker, topic: str, nursery: Nursery, locked: str
) -> None:
    events = lives(3)
    send(broker, topic, messages(events))
    host = urlsplit(locked).netloc.rpartition("@")[2]

    def login(password: str) -> Place:
        url = urlsplit(locked)._replace(netloc=f"locked:{password}@{host}").geturl()
        return Place(broker.bootstrap, topic, url)

    told = refused(nursery.consumer(login(SECRET)))
    assert told.startswith(f"postgresql://locked@{host}/")
    assert "password authentication failed" in told
    right = nursery.consumer(login("right"), "--until-end")
    assert right.wait() == 0
    assert "right" not in right.output()
    assert_each_once(Place(broker.bootstrap, topic, locked), events)


def test_a_database_that_is_not_there_is_told(nursery: Nursery, place: Place) -> None:
    nobody = f"postgresql://hoso:{SECRET}@{NOBODY}/hoso"
    told = refused(nursery.consumer(place._replace(store=nobody)))
    assert told.startswith(f"postgresql://hoso@{NOBODY}/hoso: ")


def test_the_command_itself_says_the_same(broker: Broker, topic: str, tmp_path: Path) -> None:
    place = Place(broker.bootstrap, topic, f"sqlite:///{tmp_path / 'hoso.db'}")
    send(broker, topic, messages(lives(3)))
    assert hoso(tmp_path, *place.arguments("--until-end")).status == 0
    assert_each_once(place, lives(3))
    unknown = place._replace(topic=f"{topic}-else").arguments()
    outcome = hoso(tmp_path, *unknown)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.splitlines()[-1] == (
        f"hoso: Kafka at {broker.bootstrap}: there is no topic '{topic}-else'"
    )
