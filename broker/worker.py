"""Runs the background tasks of every capability until told to stop."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog

from broker.base.clock import Clock, pause, utc_now
from broker.base.tasks import Task

_STEP = 0.2  # seconds between two looks at what is due
log = structlog.get_logger()


@dataclass
class Worker:
    """One loop over the tasks, and one for each that waits for other machines.

    A failing task is logged and tried again at its next turn.
    """

    tasks: Iterable[Task]
    wanted: Callable[[], bool] = lambda: True
    stopping: threading.Event = field(default_factory=threading.Event)
    clock: Clock = utc_now

    def run(self) -> None:
        """Work until ``stopping`` is set or the worker is no longer ``wanted``."""
        tasks = tuple(self.tasks)
        apart = [
            threading.Thread(target=self._loop, args=((task,),), name=task.name)
            for task in tasks
            if task.apart
        ]
        for thread in apart:
            thread.start()
        self._loop(tuple(task for task in tasks if not task.apart))
        for thread in apart:
            thread.join()

    def run_once(self) -> int:
        """Run each task once; return how much was done in all."""
        return sum(task.run() for task in self.tasks)

    def _loop(self, tasks: tuple[Task, ...]) -> None:
        done_at: dict[str, float] = {}
        while not self.stopping.is_set() and self.wanted():
            for task in tasks:
                now = self.clock().timestamp()
                # Either way: a clock that was set back must not make everything wait.
                if task.name not in done_at or abs(now - done_at[task.name]) >= task.every:
                    self._run(task)
                    done_at[task.name] = now
            pause(_STEP)

    def _run(self, task: Task) -> None:
        try:
            done = task.run()
        except Exception as error:  # noqa: BLE001 - one task must not stop the others
            log.error(  # noqa: TRY400 - a traceback may hold what a person typed
                "task failed", task=task.name, kind=type(error).__name__
            )
            return
        if done:
            log.info("task done", task=task.name, count=done)
