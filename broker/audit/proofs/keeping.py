"""Whether the trail is kept as it should be: what this role may do to it, where its seal goes."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from broker.base.db import Database

_TREE = ("audit_leaf", "audit_node", "audit_checkpoint", "audit_cosignature")
_TRAIL = ("audit_event", *_TREE)
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True)
class Keeping:
    """Judges what can be seen from this process, as the role and the user that it has."""

    db: Database
    folder: Path | None

    def judged(self) -> Iterator[tuple[str, bool]]:
        """Yield each rule, and whether it is met here."""
        yield from self._of_file() if self._is_file else self._of_role()
        yield "checkpoints also go to a folder outside the database", self.folder is not None
        if self.folder:
            reached = self.folder.is_dir()
            yield "the folder of checkpoints can be reached", reached
            if reached:
                yield from self._of_folder(self.folder)

    @property
    def _is_file(self) -> bool:
        return self.db.engine.dialect.name == "sqlite"

    def _of_file(self) -> Iterator[tuple[str, bool]]:
        yield "the database has roles: who records an event cannot change it", False

    def _of_role(self) -> Iterator[tuple[str, bool]]:
        """Workers seal, and remove events whose time is over; a role that does not is a node's."""
        touched = any(self._may_update(name) or self._may(name, "TRUNCATE") for name in _TRAIL)
        removed = any(self._may(name, "DELETE") for name in _TREE)
        yield "this role changes nothing of what was recorded and sealed", not (touched or removed)
        kept = self._seals or not self._may("audit_event", "DELETE")
        yield "this role removes events only if it is one that seals them", kept

    def _of_folder(self, folder: Path) -> Iterator[tuple[str, bool]]:
        mode = folder.stat().st_mode
        yield "only its owner writes into the folder of checkpoints", not mode & _OTHERS_WRITE
        if self._is_file:
            file = Path(str(self.db.engine.url.database)).absolute()
            apart = folder.stat().st_dev != file.parent.stat().st_dev
            yield "the folder of checkpoints is on another disk than the database", apart
        elif not self._seals:
            writes = os.access(folder, os.W_OK)
            yield "who does not seal does not write into the folder of checkpoints", not writes

    @property
    def _seals(self) -> bool:
        return self._may("audit_leaf", "INSERT")

    def _may(self, name: str, act: str) -> bool:
        return bool(self.db.scalar(select(func.has_table_privilege(name, act))))

    def _may_update(self, name: str) -> bool:
        """Tell whether the role may change a column: a right on one is enough."""
        return bool(self.db.scalar(select(func.has_any_column_privilege(name, "UPDATE"))))
