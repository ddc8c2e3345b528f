"""Where does a test get a real Debezium, which reads a table of PostgreSQL into a topic?"""

import shutil
from urllib.error import URLError
from urllib.request import urlopen

from tests.services import jars
from tests.services.processes import Server, free_port
from tests.services.required import Missing

WORKER = """\
bootstrap.servers={servers}
listeners=http://127.0.0.1:{port}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename={folder}/offsets
offset.flush.interval.ms=500
plugin.discovery=service_load
"""
JAVA_OPTIONS = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


class Connect(Server):
    """Kafka Connect with one connector, whose settings are given."""

    def __init__(self, servers: str, connector: str) -> None:
        super().__init__("debezium", elsewhere=False)
        self._servers, self._connector = servers, connector
        self._port = free_port()

    def prepare(self) -> None:
        """Write the settings."""
        self.log.touch()
        worker = WORKER.format(servers=self._servers, port=self._port, folder=self.folder)
        (self.folder / "worker.properties").write_text(worker)
        (self.folder / "connector.properties").write_text(self._connector)

    def command(self) -> list[str]:
        """Kafka Connect on its own, with its settings."""
        program = shutil.which("java")
        if program is None:
            raise Missing("there is no Java to run Debezium with")
        try:
            folder = jars.fetched(jars.DEBEZIUM)
        except (jars.NotFetched, OSError) as failure:
            raise Missing(str(failure)) from failure
        settings = [f"{self.folder}/{name}.properties" for name in ("worker", "connector")]
        main = "org.apache.kafka.connect.cli.ConnectStandalone"
        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        return [program, *JAVA_OPTIONS, quiet, "--class-path", f"{folder}/*", main, *settings]

    def answers(self) -> bool:
        """Whether its connector is there."""
        try:
            with urlopen(f"http://127.0.0.1:{self._port}/connectors", timeout=5) as answer:
                return bool(answer.read() != b"[]")
        except (URLError, OSError):
            return False
