"""The PostgreSQL that comes along: programs from a wheel, kept running by our own supervisor."""

from acuse.kernel.embedded_postgres.errors import EmbeddedPostgresFailed
from acuse.kernel.embedded_postgres.supervisor import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresFailed"]
