"""Asks a time-stamp authority when it saw some bytes (RFC 3161), and reads what it answered."""

from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
from cryptography.x509 import load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from hoso.domain.errors import UserError

OPTION: Final = "--timestamp"
QUERY: Final = {"Content-Type": "application/timestamp-query"}
TIMEOUT_S: Final = 30


def stamped(url: str, content: bytes) -> bytes:
    """The answer of a time-stamp authority over some bytes, as DER.

    Raises ``UserError`` where it gives none, or one over other bytes.
    """
    request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    try:
        answer = httpx.post(url, content=request.as_bytes(), headers=QUERY, timeout=TIMEOUT_S)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UserError(f"{OPTION}: {url}: {str(error).splitlines()[0]}") from None
    response = _parsed(f"{OPTION}: {url}", answer.content)
    if response.tst_info.nonce != request.nonce:
        raise UserError(f"{OPTION}: {url}: its answer is to another request")
    if not is_over(response, content):
        raise UserError(f"{OPTION}: {url}: its answer is over other bytes")
    return answer.content


def read_stamp(file: Path) -> TimeStampResponse:
    """The time stamp in a file. Raises ``UserError``."""
    try:
        return _parsed(str(file), file.read_bytes())
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from None


def stamped_at(stamp: TimeStampResponse) -> datetime:
    """When the authority saw the bytes."""
    return stamp.tst_info.gen_time


def is_over(stamp: TimeStampResponse, content: bytes) -> bool:
    """Whether a time stamp is over some bytes."""
    from hashlib import sha256

    return bytes(stamp.tst_info.message_imprint.message) == sha256(content).digest()


def fault_of(stamp: TimeStampResponse, content: bytes, authority: str) -> str | None:
    """What is wrong with a time stamp over some bytes, by the certificates of an authority in a
    file of PEM; None: it holds. Raises ``UserError`` for a file that has none."""
    try:
        certificates = load_pem_x509_certificates(Path(authority).read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(f"--timestamp-ca: {authority}: {error}") from None
    builder = VerifierBuilder()
    for certificate in certificates:
        builder = builder.add_root_certificate(certificate)
    try:
        builder.build().verify_message(stamp, content)
    except VerificationError as error:
        return str(error)
    return None


def _parsed(place: str, body: bytes) -> TimeStampResponse:
    try:
        response = decode_timestamp_response(body)
        response.tst_info  # noqa: B018 # raises where no stamp was granted
    except ValueError:
        raise UserError(f"{place}: is no time stamp of RFC 3161") from None
    return response
