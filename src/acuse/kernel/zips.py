"""What may be wrong with a ZIP that somebody hands in."""

from __future__ import annotations

import zipfile
import zlib
from typing import Final

# Damaged; deflated wrongly; packed in a way `zipfile` does not know; with a password; cut short; with absurd numbers.
ZIP_FAULTS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
)
"""Every error `zipfile` answers to a ZIP that cannot be read."""
