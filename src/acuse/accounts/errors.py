"""What goes wrong with people, passwords and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from acuse.kernel.errors import Conflict, InvalidInput, NotAllowed, NotAuthenticated, NotFound, TooMany, Unavailable


class CredentialsInvalid(NotAuthenticated):
    """The pair of tax id and password opens nothing. The same for unknown, inactive and wrong."""

    code = "CREDENTIALS_INVALID"
    message = "Credenciales inválidas"


class TokenRejected(NotAuthenticated):
    """A token was shown and is not good: expired, revoked, forged, or of another kind."""

    code = "TOKEN_REJECTED"
    message = "Tu sesión terminó o el token no es válido. Inicia sesión otra vez."
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": 'Bearer realm="acuse", error="invalid_token"'}


class MustChangePassword(NotAllowed):
    """The password in use is temporary and must be replaced first."""

    code = "PASSWORD_CHANGE_REQUIRED"
    message = "Debe cambiar su contraseña antes de continuar"


class SecondFactorRefused(NotAuthenticated):
    """The second step of a login failed: the code is wrong, used, or too late."""

    code = "SECOND_FACTOR_REFUSED"
    message = "El código no es correcto o ya se usó. Espera a que tu aplicación muestre otro y escríbelo."


class SecondFactorWrong(InvalidInput):
    """A code, shown by somebody who is in, is wrong or used."""

    code = "SECOND_FACTOR_WRONG"
    message = "El código no es correcto o ya se usó. Espera a que tu aplicación muestre otro y escríbelo."


class OwnPasswordWrong(InvalidInput):
    """Whoever changes how they log in could not show that the account is theirs."""

    code = "OWN_PASSWORD_WRONG"
    message = "La contraseña de tu cuenta no es correcta y nada cambió."


class SecondFactorRequired(NotAllowed):
    """This house asks administrators for a second step, and this one has none yet."""

    code = "SECOND_FACTOR_REQUIRED"
    message = "Los administradores deben activar el segundo paso de acceso antes de continuar. Hazlo en Mi cuenta."


class SecondFactorActive(Conflict):
    """The second step is on already."""

    code = "SECOND_FACTOR_ACTIVE"
    message = "El segundo paso ya está activo. Quítalo antes de configurarlo de nuevo."


class SecondFactorMissing(NotFound):
    """There is no second step to confirm, renew or take away."""

    code = "SECOND_FACTOR_MISSING"
    message = "Esta cuenta no tiene un segundo paso. Empieza por configurarlo en Mi cuenta."


class LoginThrottled(TooMany):
    """Too many failures for this account; the wait is told, the password is not even looked at."""

    code = "LOGIN_THROTTLED"
    message = "Demasiados intentos fallidos. Espera {wait} antes de volver a intentarlo."


class TooManyRequestsFromAddress(TooMany):
    """One address asked too often in a minute."""

    code = "ADDRESS_THROTTLED"
    message = "Demasiadas peticiones desde tu dirección. Espera {wait} antes de volver a intentarlo."


class PasswordPolicyUnmet(InvalidInput):
    """The new password misses rules; `details.rules` lists each one."""

    code = "PASSWORD_POLICY"
    message = "La contraseña nueva no cumple la política. {missing}"


class RecoveryLinkInvalid(InvalidInput):
    """The code of a forgotten password is unknown, used, overtaken by another change, or too old."""

    code = "RECOVERY_LINK_INVALID"
    message = "El enlace ya no sirve: venció, ya se usó o no está completo. Pide otro."


class TaxIdInvalid(InvalidInput):
    """The tax id has none of the forms we know, or its check digit is wrong."""

    code = "TAX_ID_INVALID"
    message = "El identificador no es un CUIT, RFC o RUC válido. Revisa cada dígito y cada letra."


class TaxIdTaken(Conflict):
    """Another user has this tax id."""

    code = "TAX_ID_TAKEN"
    message = "Ya existe un usuario con ese CUIT, RFC o RUC. Usa otro identificador o edita el usuario existente."


class UserNotFound(NotFound):
    """There is no such user."""

    code = "USER_NOT_FOUND"
    message = "No existe ese usuario. Revisa el identificador en la lista de usuarios."


class SessionNotFound(NotFound):
    """There is no such open session of this user."""

    code = "SESSION_NOT_FOUND"
    message = "Esa sesión ya no está abierta. Actualiza la página para ver las que siguen abiertas."


class ApiTokenNotFound(NotFound):
    """There is no such token in force of this user."""

    code = "API_TOKEN_NOT_FOUND"
    message = "Ese token no existe o ya fue revocado. Actualiza la lista."


class ScopeNotAllowed(InvalidInput):
    """A token was asked for with more than its owner may do."""

    code = "SCOPE_NOT_ALLOWED"
    message = "El token no puede tener estos alcances: {scopes}. Elige sólo alcances que tu usuario tenga."


class LastAdministrator(Conflict):
    """The act would leave the house without anybody who can manage users."""

    code = "LAST_ADMINISTRATOR"
    message = "Es el último administrador activo. Crea o activa otro administrador antes de continuar."


class OwnAccount(Conflict):
    """An administrator tried to delete, disable or demote themselves, or to reset their own password."""

    code = "OWN_ACCOUNT"
    message = "No puedes hacer esto con tu propia cuenta. Pídelo a otro administrador."


class AdministratorExists(Conflict):
    """The first administrator can be created only while there are no users."""

    code = "ADMINISTRATOR_EXISTS"
    message = "Ya hay usuarios. Usa `acuse users create` o `acuse users reset-password`."


class CountersUnavailable(Unavailable):
    """Redis, which counts the tries, does not answer: nobody is let in uncounted."""

    code = "COUNTERS_UNAVAILABLE"
    message = "No se puede comprobar el número de intentos porque Redis no responde. Vuelve a intentarlo en un momento."


class ImportedHashUnknown(InvalidInput):
    """A user to import comes with a password hash of a kind, or a cost, that cannot be checked here."""

    code = "IMPORTED_HASH_UNKNOWN"
    message = (
        "El resumen de password_hash no es bcrypt ($2a$, $2b$ o $2y$, costo de 4 a 14) ni argon2id. "
        "Déjalo vacío y la persona pedirá una contraseña nueva."
    )
