"""The worker's loops: one for the tasks, one for each that waits for other machines."""

import threading

from broker.base.tasks import Task
from broker.worker import Worker


def test_a_task_that_waits_for_a_machine_keeps_no_other_waiting():
    answered, done = threading.Event(), threading.Event()
    tasks = (
        Task("calls", 0, lambda: int(answered.wait(20)), apart=True),
        Task("purge", 0, lambda: int(done.set() or 0)),
    )
    worker = Worker(tasks)
    running = threading.Thread(target=worker.run)

    running.start()
    purged = done.wait(10)
    waiting = not answered.is_set()
    worker.stopping.set()
    answered.set()
    running.join(10)

    assert purged
    assert waiting
    assert not running.is_alive()


def test_a_task_that_fails_is_tried_again_and_stops_no_other():
    tries, others = [], threading.Event()

    def fails() -> int:
        tries.append(1)
        if len(tries) > 2:
            worker.stopping.set()
        raise RuntimeError("broken")

    tasks = (Task("broken", 0, fails), Task("other", 0, lambda: int(others.set() or 0)))
    worker = Worker(tasks)

    worker.run()

    assert len(tries) == 3
    assert others.is_set()
