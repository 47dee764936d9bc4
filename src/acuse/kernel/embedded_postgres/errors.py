"""What can go wrong with the built-in PostgreSQL."""

from __future__ import annotations

from acuse.kernel.errors import Misconfigured, Unavailable


class EmbeddedPostgresFailed(Unavailable):
    """The built-in server does not start, or not in time."""

    code = "EMBEDDED_DATABASE_FAILED"
    message = "La base de datos integrada no arrancó ({step}). Revisa {log} y el espacio libre en el disco."


class EmbeddedPostgresMissing(Misconfigured):
    """There are no programs for this machine, or the data of this home are not where they were left."""

    code = "EMBEDDED_DATABASE_MISSING"
    message = "La base de datos integrada no se puede usar: {problem}"
