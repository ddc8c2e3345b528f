"""Hashes many equally long messages side by side (SHA-256, FIPS 180-4), as a tree of a log needs.

One at a time, most of the time goes into the calls. Here the messages are lanes: each step is done
for LANES of them at once, which a processor does with a few instructions. Unlike other kernels this
one has no interpreted twin: where it is not worth compiling, hashlib hashes.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

LANES: Final = 32
BLOCK_BYTES, LENGTH_BYTES, HASH_BYTES = 64, 8, 32
BLOCK_WORDS, ROUNDS, STATE_WORDS = 16, 64, 8
END_MARK: Final = 0x80  # stands behind a message, before what fills its last block

Words = npt.NDArray[np.uint32]
Bytes = npt.NDArray[np.uint8]


def _behind_the_point(number: int, root: int) -> int:
    """The first 32 bits behind the point of a number's square or cube root."""
    low, high = 0, 1 << 40
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**root <= number << 32 * root else (low, middle)
    return low & 0xFFFFFFFF


PRIMES: Final = [n for n in range(2, 312) if all(n % d for d in range(2, n))]
ROUND_CONSTANTS: Final = np.array([_behind_the_point(prime, 3) for prime in PRIMES], np.uint32)
FIRST_STATE: Final = np.array([_behind_the_point(n, 2) for n in PRIMES[:STATE_WORDS]], np.uint32)


class HashArrays(NamedTuple):
    """What is hashed, and room for it.

    ``words[(n * BLOCK_WORDS + t) * messages + m]`` is word ``t`` of block ``n`` of message ``m``,
    padded; there are a multiple of LANES messages. ``hashes[i * messages + m]`` becomes word ``i``
    of a hash. ``round_constants`` and ``first_state`` are those of the standard.
    """

    words: Words
    hashes: Words
    round_constants: Words
    first_state: Words
    schedule: Words
    state: Words


def hash_arrays(messages: Bytes) -> HashArrays:
    """What the kernel takes for some messages, one row of bytes each."""
    count, width = messages.shape
    blocks = -(-(width + 1 + LENGTH_BYTES) // BLOCK_BYTES)
    padded = np.zeros((-(-count // LANES) * LANES, blocks * BLOCK_BYTES), np.uint8)
    padded[:count, :width] = messages
    padded[:, width] = END_MARK
    padded[:, -LENGTH_BYTES:] = np.frombuffer((8 * width).to_bytes(LENGTH_BYTES), np.uint8)
    words = np.ascontiguousarray(padded.view(">u4").T, np.uint32).reshape(-1)
    return HashArrays(
        words,
        np.zeros(STATE_WORDS * len(padded), np.uint32),
        ROUND_CONSTANTS,
        FIRST_STATE,
        np.zeros(ROUNDS * LANES, np.uint32),
        np.zeros(STATE_WORDS * LANES, np.uint32),
    )


def hashes_in(arrays: HashArrays, count: int) -> Bytes:
    """The hashes of the first ``count`` messages, one row of bytes each."""
    words = arrays.hashes.reshape(STATE_WORDS, -1)[:, :count]
    return np.ascontiguousarray(words.T).astype(">u4").view(np.uint8).reshape(-1, HASH_BYTES)


def hash_messages(arrays: HashArrays) -> int:
    """Hash all messages; returns how many there are, those that fill the last lanes included."""
    words, hashes, constants, first, schedule, state = arrays
    messages = len(hashes) // STATE_WORDS
    blocks = len(words) // (BLOCK_WORDS * messages)
    for start in range(0, messages, LANES):
        for i in range(STATE_WORDS):
            for lane in range(LANES):
                hashes[i * messages + start + lane] = first[i]
        for n in range(blocks):
            for t in range(BLOCK_WORDS):
                word = (n * BLOCK_WORDS + t) * messages + start
                for lane in range(LANES):
                    schedule[t * LANES + lane] = words[word + lane]
            expand(schedule)
            for i in range(STATE_WORDS):
                for lane in range(LANES):
                    state[i * LANES + lane] = hashes[i * messages + start + lane]
            compress(state, schedule, constants)
            for i in range(STATE_WORDS):
                for lane in range(LANES):
                    hashes[i * messages + start + lane] += state[i * LANES + lane]
    return messages


def expand(schedule: Words) -> None:
    """Make the words of all rounds from a block's own (section 6.2.2, step 1)."""
    for t in range(BLOCK_WORDS, ROUNDS):
        for lane in range(LANES):
            x = schedule[(t - 15) * LANES + lane]
            y = schedule[(t - 2) * LANES + lane]
            low = turned(x, 7) ^ turned(x, 18) ^ (x >> np.uint32(3))
            high = turned(y, 17) ^ turned(y, 19) ^ (y >> np.uint32(10))
            before = schedule[(t - 16) * LANES + lane] + schedule[(t - 7) * LANES + lane]
            schedule[t * LANES + lane] = np.uint32(before + low + high)


def compress(state: Words, schedule: Words, constants: Words) -> None:
    """Run all rounds (section 6.2.2, step 3). The letters move on by one place in each, instead of
    the words; after 64 rounds, each is in its first place again."""
    for t in range(ROUNDS):
        constant = constants[t]
        a, b, c, d = at(0, t), at(1, t), at(2, t), at(3, t)
        e, f, g, h = at(4, t), at(5, t), at(6, t), at(7, t)
        for lane in range(LANES):
            x, y = state[e + lane], state[a + lane]
            chosen = state[g + lane] ^ (x & (state[f + lane] ^ state[g + lane]))
            most = (y & state[b + lane]) | (state[c + lane] & (y | state[b + lane]))
            word = np.uint32(constant + schedule[t * LANES + lane])
            high = turned(x, 6) ^ turned(x, 11) ^ turned(x, 25)
            first = np.uint32(state[h + lane] + high + chosen + word)
            second = np.uint32((turned(y, 2) ^ turned(y, 13) ^ turned(y, 22)) + most)
            state[d + lane] = np.uint32(state[d + lane] + first)
            state[h + lane] = np.uint32(first + second)


def at(letter: int, t: int) -> int:
    """Where the lanes of a letter (0 for a) begin in a round."""
    return (ROUNDS + letter - t) % STATE_WORDS * LANES


def turned(word: np.uint32, bits: int) -> np.uint32:
    """A word turned to the right."""
    return np.uint32((word >> np.uint32(bits)) | (word << np.uint32(32 - bits)))
