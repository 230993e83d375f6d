"""Runs the background tasks of every capability until told to stop."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog

from broker.base.tasks import Task

_STEP = 0.2  # seconds between two looks at what is due
log = structlog.get_logger()


@dataclass
class Worker:
    """One loop over the tasks; a failing task is logged and tried again at its next turn."""

    tasks: Iterable[Task]
    wanted: Callable[[], bool] = lambda: True
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Work until ``stopping`` is set or the worker is no longer ``wanted``."""
        due = {task.name: 0.0 for task in self.tasks}
        while not self.stopping.wait(_STEP) and self.wanted():
            for task in self.tasks:
                if due[task.name] <= time.monotonic():
                    self._run(task)
                    due[task.name] = time.monotonic() + task.every

    def run_once(self) -> int:
        """Run each task once; return how much was done in all."""
        return sum(task.run() for task in self.tasks)

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
