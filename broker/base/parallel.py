"""Work done ahead in child processes, results in order, memory flat."""

import gc
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from typing import Any, TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_AHEAD = 2  # items waiting per process
_COLLECT_EVERY = 100_000  # objects made
_work: Callable[[Any], Any] | None = None


def _nothing() -> None:
    """Prepare nothing: the work opens nothing."""


def in_order(
    work: Callable[[_Item], _Result],
    items: Iterable[_Item],
    *,
    processes: int,
    alone: int,
    before_children: Callable[[], None] = _nothing,
) -> Iterator[_Result]:
    """Yield ``work(item)`` for each item, in order.

    The first *alone* items are done here: little work is not worth starting processes. The
    children are forked, so that *work* may hold keys that must not travel; what must not be open
    on both sides, such as connections, *before_children* closes.
    """
    remaining = iter(items)
    yield from map(work, islice(remaining, alone))
    for first in islice(remaining, 1):
        rest = chain((first,), remaining)
        if processes > 1:
            before_children()
            yield from _spread(work, rest, processes)
        else:
            yield from map(work, rest)


def _spread(
    work: Callable[[_Item], _Result], items: Iterator[_Item], processes: int
) -> Iterator[_Result]:
    context = get_context("fork")
    with ProcessPoolExecutor(
        processes, mp_context=context, initializer=_adopt, initargs=(work,)
    ) as pool:
        pending: deque[Future[_Result]] = deque()
        for item in items:
            pending.append(pool.submit(_do, item))
            if len(pending) > _AHEAD * processes:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _adopt(work: Callable[[Any], Any]) -> None:
    """Take over the work. Results are many small objects without cycles: look for some rarely."""
    global _work  # noqa: PLW0603 - a child process is this one piece of work
    _work = work
    gc.freeze()  # what the parent made stays: looking through it again and again is in vain
    gc.set_threshold(_COLLECT_EVERY)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Leave no process behind that holds keys when the parent is killed."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(item: Any) -> Any:  # noqa: ANN401 - whatever the work takes and gives
    if _work is None:
        raise RuntimeError("no work adopted")
    return _work(item)
