"""The one list of audited actions. Names are language-neutral; their Spanish text is computed when read."""

from __future__ import annotations

from acuse.kernel.captioned import Captioned


class AuditAction(Captioned):
    """What was done. The value is stored for ever: add, never rename."""

    LOGIN = "LOGIN", "Inició sesión"
    LOGIN_FAILED = "LOGIN_FAILED", "Intento de inicio de sesión fallido"
    LOGOUT = "LOGOUT", "Cerró sesión"
    TOKEN_REUSE_DETECTED = "TOKEN_REUSE_DETECTED", "Se detectó un token de sesión usado dos veces"
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED", "Cuenta bloqueada por intentos fallidos"
    ACCESS_DENIED = "ACCESS_DENIED", "Acceso denegado"
    END_SESSION = "END_SESSION", "Cerró una sesión"
    CREATE_USER = "CREATE_USER", "Creó un usuario"
    UPDATE_USER = "UPDATE_USER", "Cambió un usuario"
    DELETE_USER = "DELETE_USER", "Eliminó un usuario"
    CHANGE_PASSWORD = "CHANGE_PASSWORD", "Cambió su contraseña"
    RESET_PASSWORD = "RESET_PASSWORD", "Restableció una contraseña"
    CREATE_API_TOKEN = "CREATE_API_TOKEN", "Creó un token de API"
    REVOKE_API_TOKEN = "REVOKE_API_TOKEN", "Revocó un token de API"
    CREATE_TAXPAYER = "CREATE_TAXPAYER", "Dio de alta un contribuyente"
    UPDATE_TAXPAYER = "UPDATE_TAXPAYER", "Cambió un contribuyente"
    DELETE_TAXPAYER = "DELETE_TAXPAYER", "Eliminó un contribuyente"
    GRANT_ACCESS = "GRANT_ACCESS", "Dio acceso a un contribuyente"
    REVOKE_ACCESS = "REVOKE_ACCESS", "Quitó acceso a un contribuyente"
    UPLOAD_CREDENTIAL = "UPLOAD_CREDENTIAL", "Cargó una credencial"
    DELETE_CREDENTIAL = "DELETE_CREDENTIAL", "Eliminó una credencial"
    USE_CREDENTIAL = "USE_CREDENTIAL", "Usó una credencial"
    EXPORT_CREDENTIAL = "EXPORT_CREDENTIAL", "Exportó una credencial"
    CREATE_TOKEN = "CREATE_TOKEN", "Obtuvo un token del servicio externo"
    CREATE_REQUEST = "CREATE_REQUEST", "Creó una solicitud"
    VERIFY_REQUEST = "VERIFY_REQUEST", "Verificó una solicitud"
    DOWNLOAD_PACKAGE = "DOWNLOAD_PACKAGE", "Descargó un paquete"
    READ_DOCUMENT = "READ_DOCUMENT", "Abrió un documento"
    EXPORT_CSV = "EXPORT_CSV", "Exportó datos"
    RETRY_JOB = "RETRY_JOB", "Reintentó un trabajo"
    RETRY_NOTICE = "RETRY_NOTICE", "Reintentó un correo"
    ROTATE_VAULT_KEY = "ROTATE_VAULT_KEY", "Cambió la llave de la bóveda"
    AUDIT_VERIFIED = "AUDIT_VERIFIED", "Verificó la bitácora"
    CHANGE_SETTINGS = "CHANGE_SETTINGS", "Cambió la configuración"
