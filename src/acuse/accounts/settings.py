"""Settings of people, passwords, sessions and tokens."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from acuse.kernel.settings import Settings, generated_secret


class AccountsSettings(Settings):
    """Personas, contraseñas, sesiones y tokens."""

    token_secret: SecretStr = generated_secret("Secreto que firma los tokens de acceso; 32 bytes o más.")
    refresh_secret: SecretStr = generated_secret("Secreto que firma los tokens de renovación; distinto del anterior.")
    access_token_life_s: int = Field(
        900, ge=60, le=3600, description="Vida de un token de acceso.", json_schema_extra={"unit": "s"}
    )
    session_life_s: int = Field(
        604_800,
        ge=300,
        description="Vida máxima de una sesión, se use o no.",
        json_schema_extra={"unit": "s"},
    )
    session_idle_s: int = Field(
        86_400, ge=60, description="Una sesión sin uso se cierra después de esto.", json_schema_extra={"unit": "s"}
    )
    refresh_grace_s: int = Field(
        30,
        ge=0,
        le=300,
        description="Un token de renovación ya usado aún se acepta este tiempo; 0 es uso único estricto.",
        json_schema_extra={"unit": "s"},
    )
    refresh_grace_reuses: int = Field(
        3, ge=0, le=10, description="Cuántas veces a lo más se acepta dentro de ese tiempo."
    )
    tax_id_check: Literal["strict", "warn"] = Field(
        "strict", description="Qué hacer con un CUIT, RFC o RUC mal formado: rechazarlo o sólo avisar."
    )
    password_policy: Literal["composition", "nist"] = Field(
        "composition", description="composition: 10 caracteres de cuatro clases; nist: 15 o más, sin clases."
    )
    password_blocklist: Literal["off", "warn", "enforce"] | None = Field(
        None,
        description="Qué hacer con una contraseña de las más conocidas. Vacío: enforce en producción, si no warn.",
    )
    password_hash_memory_kib: int = Field(
        47_104, ge=1024, description="Memoria de argon2id por contraseña.", json_schema_extra={"unit": "KiB"}
    )
    password_hash_passes: int = Field(1, ge=1, le=10, description="Pasadas de argon2id por contraseña.")
    temporary_password_life_s: int = Field(
        259_200, ge=3600, description="Vida de una contraseña temporal.", json_schema_extra={"unit": "s"}
    )
    password_recovery_life_s: int = Field(
        1800,
        ge=300,
        le=86_400,
        description="Vida del enlace para una contraseña olvidada.",
        json_schema_extra={"unit": "s"},
    )
    password_recovery_limit_per_hour: int = Field(
        3, ge=1, le=100, description="Enlaces por hora y cuenta; los demás no se envían, sin decirlo."
    )
    admin_second_factor: Literal["optional", "required"] = Field(
        "optional", description="required: un administrador no pasa de Mi cuenta hasta activar su segundo paso."
    )
    login_limit_per_minute: int = Field(
        10, ge=0, description="Inicios de sesión por minuto y dirección IP; 0 es sin límite."
    )
    password_change_limit_per_minute: int = Field(
        5, ge=0, description="Cambios de contraseña por minuto y dirección IP; 0 es sin límite."
    )
