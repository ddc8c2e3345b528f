"""Connects to Kafka: makes consumers and producers from the environment's settings.

The servers are named on the command line. Everything else is read from the environment:
``HOSO_KAFKA_SECURITY_PROTOCOL`` (``PLAINTEXT``, ``SSL``, ``SASL_PLAINTEXT``, ``SASL_SSL``), and the
other fields of ``Settings`` with the same prefix. Secrets are read here and passed to kafka-python
only. None is on a command line, in a log or in an error.
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

with warnings.catch_warnings():  # kafka-python uses a function that Python 3.11 deprecates
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaConsumer, KafkaProducer
    from kafka.errors import KafkaError, RetriableError

POLL_MESSAGES: Final = 5_000  # messages in one batch
REQUEST_TIMEOUT_MS: Final = 10_000
# The longest pause between attempts to reconnect; kafka-python's default is half a minute.
RECONNECT_BACKOFF_MS: Final = 1_000
BATCH_BYTES: Final = 65_536  # twice as fast as with the default, 16,384; more adds nothing
SettingsType = TypeVar("SettingsType", bound=BaseSettings)
PREFIX: Final = "HOSO_KAFKA_"
HINT: Final = f"; is it running, and do the {PREFIX}… settings suit it?"


class BrokerError(UserError):
    """Kafka cannot be used. The message says why."""


class BrokerUnavailable(BrokerError):
    """Kafka does not answer at the moment. The same call may succeed later."""


class Settings(BaseSettings):
    """Settings of the connection. Each is kafka-python's option of the same name."""

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
        """The settings as kafka-python's options, with secrets in plain text."""
        return {name: _option(value) for name, value in self if value is not None}


class GroupSettings(BaseSettings):
    """Settings of a consumer's membership in its group."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    session_timeout_ms: int = 45_000  # after so long without a heartbeat, it loses its partitions
    heartbeat_interval_ms: int = 3_000
    max_poll_interval_ms: int = 300_000


class ProducerSettings(BaseSettings):
    """Timeouts of a producer."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    delivery_timeout_ms: int = 60_000  # an event not acknowledged by then has failed
    request_timeout_ms: int = 20_000  # a request not answered by then is sent again


def consumer(servers: str, group: str) -> KafkaConsumer:
    """A new consumer of a group, without a subscription.

    ``servers`` is ``host:port``, several with commas. Raises ``BrokerError`` or
    ``BrokerUnavailable``.
    """
    with broker_errors(servers):
        return KafkaConsumer(
            bootstrap_servers=servers.split(","),
            group_id=group,
            client_id="hoso",
            # The offsets stand in the store. "none": fail rather than start again silently.
            auto_offset_reset="none",
            enable_auto_commit=False,
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            max_poll_records=POLL_MESSAGES,
            fetch_max_wait_ms=100,
            max_partition_fetch_bytes=4_000_000,
            reconnect_backoff_max_ms=RECONNECT_BACKOFF_MS,
            bootstrap_timeout_ms=REQUEST_TIMEOUT_MS,
            **_settings(Settings).options(),
            **_settings(GroupSettings).model_dump(),
        )


def producer(servers: str) -> KafkaProducer:
    """A new idempotent producer: if it sends a message again because the broker's answer was lost,
    the topic has the message once.

    ``servers`` is ``host:port``, several with commas. Raises ``BrokerError`` or
    ``BrokerUnavailable``.
    """
    timeouts = _settings(ProducerSettings)
    with broker_errors(servers):
        return KafkaProducer(
            bootstrap_servers=servers.split(","),
            client_id="hoso",
            enable_idempotence=True,
            acks="all",
            allow_auto_create_topics=False,
            batch_size=BATCH_BYTES,
            linger_ms=20,
            max_block_ms=timeouts.delivery_timeout_ms,
            reconnect_backoff_max_ms=RECONNECT_BACKOFF_MS,
            bootstrap_timeout_ms=REQUEST_TIMEOUT_MS,
            **_settings(Settings).options(),
            **timeouts.model_dump(),
        )


@contextmanager
def broker_errors(servers: str) -> Iterator[None]:
    """Turns a fault of Kafka within the context into ``BrokerError`` or ``BrokerUnavailable``, with
    a message of one line."""
    try:
        yield
    except (KafkaError, OSError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        # kafka-python 3.0.12 raises KeyError for a partition that not every broker knows yet.
        if isinstance(error, RetriableError | KeyError):
            raise BrokerUnavailable(f"Kafka at {servers}: {reason}{HINT}") from error
        raise BrokerError(f"Kafka at {servers}: {reason}") from error


def silence_kafka_log() -> None:
    """Have kafka-python log errors only. Its callers report faults that pass by themselves."""
    logging.getLogger("kafka").setLevel(logging.ERROR)
    # It logs a missing topic as an error, ten times a second.
    logging.getLogger("kafka.cluster").setLevel(logging.CRITICAL)


def _option(value: object) -> object:
    """The value of a setting as kafka-python takes it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value) if isinstance(value, Path) else value


def _settings(kind: type[SettingsType]) -> SettingsType:
    """Settings from the environment. Raises ``BrokerError`` for one that is wrong."""
    try:
        return kind()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = f"{PREFIX}{'_'.join(map(str, first['loc']))}".upper()
        raise BrokerError(f"{name}: {first['msg']}") from None
