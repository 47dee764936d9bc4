"""Keeps demo.json in step: what scripts and tests read to know where everything is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from acuse.kernel.home import write_whole
from acuse.simulators import Description


class Record:
    """The file `demo.json` of a demonstration's folder, mode 0600, always whole."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / "demo.json"
        self.data: dict[str, Any] = {
            "ready": False,
            "url": None,
            "simulators": dict.fromkeys(("sat", "facturapi", "facturify", "sri", "arca", "control")),
            "mailbox_url": None,
            "users": [],
            "taxpayer": None,
            "taxpayers": [],
            "p12": None,
            "certificate_ids": None,
        }

    def earlier(self) -> tuple[int, int] | None:
        """Answer the year and the number of taxpayers an earlier demonstration in this folder was about."""
        try:
            told = json.loads(self._path.read_bytes())
            return int(told["taxpayer"]["year"]), max(len(told.get("taxpayers", ())), 1)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def simulators(self, told: Description) -> None:
        """Note where the simulators answer and whom they know."""
        self.data["simulators"] |= {"sat": told.sat, "arca": told.arca, "control": told.control}
        self.data["mailbox_url"] = told.mailbox
        self.data["taxpayers"] = [self._taxpayer(each, told.year) for each in told.taxpayers]
        self.data["taxpayer"] = self.data["taxpayers"][0]
        self.write()

    def set(self, **values: Any) -> None:
        """Change these keys and write the file."""
        self.data |= values
        self.write()

    def write(self) -> None:
        """Put the whole file in the place of the old one."""
        write_whole(self._path, json.dumps(self.data, ensure_ascii=False, indent=2).encode() + b"\n")

    def _taxpayer(self, each: dict[str, Any], year: int) -> dict[str, Any]:
        files = {kind: self._relative(each[kind]) for kind in ("efirma", "csd")}
        return {"rfc": each["rfc"], "year": year, **files}

    def _relative(self, files: dict[str, str]) -> dict[str, str]:
        return {
            name: value if name == "password" else Path(value).relative_to(self._home).as_posix()
            for name, value in files.items()
        }
