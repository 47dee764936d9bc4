"""A process that uses the embedded server of a home until a line arrives on its standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from acuse.kernel.embedded_postgres import EmbeddedPostgres
from acuse.kernel.embedded_postgres.process import running_server

if __name__ == "__main__":
    owner = EmbeddedPostgres(Path(sys.argv[1]))
    owner.start()
    running = running_server(owner.place.data)
    sys.stdout.write(f"{running.pid if running else 0}\n")
    sys.stdout.flush()
    sys.stdin.readline()
    owner.stop()
