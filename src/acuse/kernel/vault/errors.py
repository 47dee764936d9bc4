"""What can go wrong when the vault is opened. None of it says what lies inside."""

from __future__ import annotations

from acuse.kernel.errors import AppError


class VaultError(AppError):
    """Something sealed cannot be opened."""

    code = "VAULT_ERROR"
    message = "No se pudo abrir un dato protegido."


class VaultDamaged(VaultError):
    """The bytes were changed, cut, or moved to another row."""

    code = "VAULT_DAMAGED"
    message = (
        "Un dato protegido ({table}.{column}) está dañado o fue alterado y no se puede abrir. "
        "Recupéralo de un respaldo o vuelve a cargarlo."
    )


class VaultKeyMissing(VaultError):
    """It was sealed under a master key we do not hold."""

    code = "VAULT_KEY_MISSING"
    message = (
        "Falta la llave {key_id} con la que se protegió un dato ({table}.{column}). "
        "Agrega esa llave a VAULT_KEY, después de la actual."
    )
