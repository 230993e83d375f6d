"""Makes the demo's database ready: schema, fictional insured people, partners."""

from dataclasses import dataclass
from pathlib import Path

from demo.processes import Processes

_REGISTER_FILES = ("data/records.csv", "data/demo_records.csv")
_CLIENT_FILES = "config/demo/clients"
# `broker insured import` answers 1 where a row was bad and the rest is loaded.
_LOADED = (0, 1)


@dataclass(frozen=True)
class Preparation:
    """The demo's data folder and the broker commands that fill it."""

    root: Path
    folder: Path
    broker: tuple[str, ...]  # the words that run its command

    @property
    def settings(self) -> dict[str, str]:
        """Environment of every broker process of the demo."""
        return {
            "BROKER_SETTINGS": str(self.root / "config" / "demo.toml"),
            "BROKER_DATABASE_URL": f"sqlite:///{self.folder / 'broker.db'}",
        }

    def clear_if(self, reset: bool) -> None:  # noqa: FBT001  (the command's own flag)
        """Make the data folder, and empty it of what the demo put there if asked."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if reset:
            self._filled.unlink(missing_ok=True)
            for file in self.folder.glob("broker.db*"):
                file.unlink()

    def prepare(self, processes: Processes) -> None:
        """Bring the schema up to date; load people and partners unless that was done."""
        processes.run("migrate", (*self.broker, "migrate"))
        if self._filled.exists():
            return
        for file in _REGISTER_FILES:
            processes.run("import", (*self.broker, "insured", "import", file), accepted=_LOADED)
        processes.run("clients", (*self.broker, "clients", "apply", _CLIENT_FILES, "--yes"))
        # Prints the link by which the demo's analyst begins; 1 where the name is taken already.
        analyst = (*self.broker, "console", "add-user", "analyste", "--role", "responder")
        processes.run("analyst", analyst, accepted=(0, 1))
        self._filled.touch()

    @property
    def _filled(self) -> Path:
        """Made last: an interrupted preparation is done again, and repeating it is harmless."""
        return self.folder / "filled"
