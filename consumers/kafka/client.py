"""How is Kafka reached? Servers from the command line, everything else from the environment.

``HOSO_KAFKA_SECURITY_PROTOCOL`` (``PLAINTEXT``, ``SSL``, ``SASL_PLAINTEXT``, ``SASL_SSL``) and the
rest of ``Settings`` in the same manner. No secret is ever on a command line, in a log or in an
error: they are read here and handed to kafka-python, nowhere else.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from pydantic import FilePath, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from hoso.domain.errors import UserError

with warnings.catch_warnings():  # it reads its own files in a manner that Python 3.11 deprecates
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaConsumer, KafkaProducer
    from kafka.errors import KafkaError, RetriableError

POLL_AT_MOST: Final = 5_000  # messages in one batch
ANSWER_WITHIN_MS: Final = 10_000
# A broker that comes back is found within a second; the default backs off to half a minute.
RECONNECT_MS: Final = 1_000
BATCH_BYTES: Final = 65_536  # twice as fast as with the default, 16,384; more adds nothing
S = TypeVar("S", bound=BaseSettings)
PREFIX: Final = "HOSO_KAFKA_"
HINT: Final = f"; is it running, and do the {PREFIX}… settings suit it?"


class BrokerError(UserError):
    """Kafka cannot be used; the message says why."""


class BrokerAway(BrokerError):
    """Kafka does not answer just now; what failed may be tried again."""


class Settings(BaseSettings):
    """What the environment says of the connection. Each is kafka-python's option of that name."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "GSSAPI"] | None = None
    sasl_plain_username: str | None = None
    sasl_plain_password: SecretStr | None = None
    ssl_cafile: FilePath | None = None
    ssl_certfile: FilePath | None = None
    ssl_keyfile: FilePath | None = None
    ssl_password: SecretStr | None = None
    ssl_check_hostname: bool = True

    def options(self) -> dict[str, Any]:
        """The settings as kafka-python takes them, secrets in the clear."""
        return {name: _plain(value) for name, value in self if value is not None}


class GroupSettings(BaseSettings):
    """What the environment says of a consumer's place in its group."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    session_timeout_ms: int = 45_000  # silent for so long, it loses its partitions
    heartbeat_interval_ms: int = 3_000
    max_poll_interval_ms: int = 300_000


class ProducerSettings(BaseSettings):
    """What the environment says of a producer's patience."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    delivery_timeout_ms: int = 60_000  # not acknowledged for so long, an event has failed
    request_timeout_ms: int = 20_000  # not answered for so long, a request is sent again


def consumer(servers: str, group: str) -> KafkaConsumer:
    """A consumer of a group that subscribes to nothing yet. Raises ``BrokerError``."""
    with broker_errors(servers):
        return KafkaConsumer(
            bootstrap_servers=servers.split(","),
            group_id=group,
            client_id="hoso",
            # Where to read on stands in the store. "none": never begin anew in silence.
            auto_offset_reset="none",
            enable_auto_commit=False,
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            max_poll_records=POLL_AT_MOST,
            fetch_max_wait_ms=100,
            max_partition_fetch_bytes=4_000_000,
            reconnect_backoff_max_ms=RECONNECT_MS,
            bootstrap_timeout_ms=ANSWER_WITHIN_MS,
            **_settings(Settings).options(),
            **_settings(GroupSettings).model_dump(),
        )


def producer(servers: str) -> KafkaProducer:
    """An idempotent producer: what is sent again because an answer was lost stands there once.

    Raises ``BrokerError``.
    """
    patience = _settings(ProducerSettings)
    with broker_errors(servers):
        return KafkaProducer(
            bootstrap_servers=servers.split(","),
            client_id="hoso",
            enable_idempotence=True,
            acks="all",
            allow_auto_create_topics=False,
            batch_size=BATCH_BYTES,
            linger_ms=20,
            max_block_ms=patience.delivery_timeout_ms,
            reconnect_backoff_max_ms=RECONNECT_MS,
            bootstrap_timeout_ms=ANSWER_WITHIN_MS,
            **_settings(Settings).options(),
            **patience.model_dump(),
        )


@contextmanager
def broker_errors(servers: str) -> Iterator[None]:
    """Tells what fails within as ``BrokerError`` or ``BrokerAway``, in one line."""
    try:
        yield
    except (KafkaError, OSError, ValueError, KeyError) as error:
        told = " ".join(str(error).split()) or type(error).__name__
        # KeyError: kafka-python 3.0.12, of a partition that it has not heard of on every broker.
        if isinstance(error, RetriableError | KeyError):
            raise BrokerAway(f"Kafka at {servers}: {told}{HINT}") from error
        raise BrokerError(f"Kafka at {servers}: {told}") from error


def quiet() -> None:
    """Let kafka-python tell of errors only: what passes is told by who asked."""
    logging.getLogger("kafka").setLevel(logging.ERROR)
    logging.getLogger("kafka.cluster").setLevel(logging.CRITICAL)  # ten times a second of a topic


def _plain(value: object) -> object:
    """A setting as kafka-python takes it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value) if isinstance(value, Path) else value


def _settings(kind: type[S]) -> S:
    try:
        return kind()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = f"{PREFIX}{'_'.join(map(str, first['loc']))}".upper()
        raise BrokerError(f"{name}: {first['msg']}") from None
