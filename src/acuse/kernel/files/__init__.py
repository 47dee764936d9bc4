"""Files by key, in a local folder or in S3: what is put is safe on disk before the call answers."""

from acuse.kernel.files.errors import BadFileKey, FileExists, FileMissing, StorageUnavailable, StorageUnsuitable
from acuse.kernel.files.store import Files, StoredFile, StoredKey

__all__ = [
    "BadFileKey",
    "FileExists",
    "FileMissing",
    "Files",
    "StorageUnavailable",
    "StorageUnsuitable",
    "StoredFile",
    "StoredKey",
]
