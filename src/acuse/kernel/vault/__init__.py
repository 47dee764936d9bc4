"""The vault: seals bytes under a data key of their own, wrapped by a master key that never lies in the database."""

from acuse.kernel.vault.envelope import Vault, VaultKeys, first_start_message
from acuse.kernel.vault.errors import VaultDamaged, VaultError, VaultKeyMissing
from acuse.kernel.vault.rotation import RotationReport, SealedColumn, VaultRotated, VaultRotation, sealed_columns
from acuse.kernel.vault.sealed import Opened, Sealed

__all__ = [
    "Opened",
    "RotationReport",
    "Sealed",
    "SealedColumn",
    "Vault",
    "VaultDamaged",
    "VaultError",
    "VaultKeyMissing",
    "VaultKeys",
    "VaultRotated",
    "VaultRotation",
    "first_start_message",
    "sealed_columns",
]
