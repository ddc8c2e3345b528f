"""Where does a test get a real Kafka broker, to kill and to start again?"""

import logging
import secrets
import shutil

from kafka import KafkaAdminClient
from kafka.errors import GroupIdNotFoundError, KafkaError, RetriableError

from tests.services import jars
from tests.services.processes import Server, free_port
from tests.services.required import Missing

# One node that keeps no copies, uses little memory, and notices soon who has gone: itself, above
# all, as a broker that was killed may not return before its last session has ended.
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
controller.listener.names=CONTROLLER
log.dirs={folder}/data
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=4000
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=4194304
num.network.threads=2
num.io.threads=4
"""
# It is started a score of times: what makes it quick in the long run costs more than it brings.
JAVA_OPTIONS = (
    *("-Xms256m", "-Xmn160m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    *("-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote"),
)
ANSWER_MS = 1_000
ANSWER_AT_LAST_MS = 60_000  # machines that tests run on may stand still for a while

logging.getLogger("kafka").setLevel(logging.CRITICAL)  # a broker that is down is no news here


class Broker(Server):
    """A Kafka: one broker of the tests' own, or, where a bootstrap address is given, that one."""

    def __init__(self, bootstrap: str | None = None) -> None:
        super().__init__("kafka", elsewhere=bool(bootstrap))
        self.port = free_port()
        self.bootstrap = bootstrap or f"127.0.0.1:{self.port}"

    def create_topic(self, name: str, partitions: int) -> None:
        """Make a topic; it is ready for use then."""
        topic = {"num_partitions": partitions, "replication_factor": 1, "configs": {}}
        with KafkaAdminClient(bootstrap_servers=self.bootstrap) as admin:
            admin.create_topics({name: topic}, timeout_ms=ANSWER_AT_LAST_MS, wait_for_metadata=True)

    def delete_topic(self, name: str) -> None:
        """Remove a topic."""
        with KafkaAdminClient(bootstrap_servers=self.bootstrap) as admin:
            admin.delete_topics([name])

    def members(self, group: str) -> list[list[str]]:
        """The topics that each member of a group reads; of a group that is not at rest, nobody."""
        with KafkaAdminClient(bootstrap_servers=self.bootstrap) as admin:
            try:
                described = admin.describe_groups([group])[group]
            except (GroupIdNotFoundError, RetriableError):  # nobody has joined it, or just now
                return []
        if described["group_state"] != "Stable":
            return []
        return [list(member["member_metadata"]["topics"]) for member in described["members"]]

    def prepare(self) -> None:
        """Write the settings and lay out the storage."""
        self.log.touch()
        settings = self.folder / "settings"
        settings.write_text(
            SETTINGS.format(port=self.port, controller=free_port(), folder=self.folder)
        )
        cluster = secrets.token_urlsafe(16).replace("-", "_")  # a leading - would be an option
        storage = ["kafka.tools.StorageTool", "format", "--cluster-id", cluster]
        self.run(java(*storage, "--config", str(settings)))

    def command(self) -> list[str]:
        """The broker, with its settings."""
        return java("kafka.Kafka", str(self.folder / "settings"))

    def answers(self) -> bool:
        """Whether it takes part in its cluster again, not only accepts connections."""
        try:
            with KafkaAdminClient(
                bootstrap_servers=self.bootstrap, bootstrap_timeout_ms=ANSWER_MS
            ) as admin:
                return bool(admin.describe_cluster()["brokers"])
        except KafkaError:
            return False


def java(*arguments: str) -> list[str]:
    """A command of Kafka's own classes."""
    program = shutil.which("java")
    if program is None:
        raise Missing("there is no Java to run a Kafka broker with")
    quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
    return [program, *JAVA_OPTIONS, quiet, "--class-path", f"{jars_of_broker()}/*", *arguments]


def jars_of_broker() -> str:
    """Where the broker's jars are, fetched if need be."""
    try:
        return str(jars.fetched())
    except (jars.NotFetched, OSError) as failure:
        raise Missing(str(failure)) from failure
