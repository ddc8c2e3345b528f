"""Keeps the newest answers to questions, and works each answer out only once.

Several threads may ask at the same time. Those who ask what is being worked out wait for it.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


class Kept(Generic[Key, Answer]):
    """The answers to the ``most`` questions that were asked last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._answers: OrderedDict[Key, Future[Answer]] = OrderedDict()

    def get(self, key: Key, make: Callable[[], Answer]) -> Answer:
        """The answer to a question; ``make`` works it out where it is not kept.

        An error that ``make`` raises is raised for all who wait, and is not kept.
        """
        with self._lock:
            found = self._answers.get(key)
            if found is None:
                answer = self._answers[key] = Future[Answer]()
                while len(self._answers) > self._most:
                    self._answers.popitem(last=False)
            else:
                self._answers.move_to_end(key)
        if found is not None:
            return found.result()
        try:
            answer.set_result(make())
        except BaseException as error:
            with self._lock:
                if self._answers.get(key) is answer:
                    del self._answers[key]
            answer.set_exception(error)
        return answer.result()

    def kept(self, key: Key) -> Answer | None:
        """The answer to a question, if it is kept; None where it is not, or not yet."""
        with self._lock:
            found = self._answers.get(key)
        return found.result() if found is not None and found.done() else None
