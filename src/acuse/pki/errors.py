"""What can be wrong with a certificate or a key, each with its own code."""

from __future__ import annotations

from acuse.kernel.errors import InvalidInput, Misconfigured


class NotACertificate(InvalidInput):
    """The bytes hold no X.509 certificate in DER, PEM or base64."""

    code = "NOT_A_CERTIFICATE"
    message = (
        "El archivo no es un certificado X.509 legible. "
        "Puede estar dañado o ser otro documento. Elige el archivo .cer tal como lo entregó la autoridad."
    )


class NotAPrivateKey(InvalidInput):
    """The bytes hold no private key in PKCS#8, PKCS#1 or PKCS#12."""

    code = "NOT_A_PRIVATE_KEY"
    message = (
        "El archivo no es una llave privada legible. "
        "Puede estar dañado o ser otro documento. Elige el archivo .key tal como lo entregó la autoridad."
    )


class UnsupportedKey(InvalidInput):
    """The key is sound but of a kind we cannot sign with: only RSA serves."""

    code = "UNSUPPORTED_KEY"
    message = "La llave no es RSA y no sirve para firmar aquí. Elige los archivos que entregó la autoridad."


class WrongKeyPassword(InvalidInput):
    """The key is encrypted and this password does not open it."""

    code = "WRONG_KEY_PASSWORD"
    message = (
        "La contraseña no abre la llave privada. "
        "Escribe la contraseña de la llave (no la del portal), respetando mayúsculas y minúsculas."
    )


class KeyPasswordMissing(InvalidInput):
    """The key is encrypted and no password was given."""

    code = "KEY_PASSWORD_MISSING"
    message = "La llave privada está cifrada y falta su contraseña. Escribe la contraseña de la llave."


class KeyTooCostly(InvalidInput):
    """The key file asks for so much work per password that it would hold the machine up."""

    code = "KEY_TOO_COSTLY"
    message = (
        "La llave privada pide un esfuerzo de descifrado muy fuera de lo normal y no se intentó abrirla. "
        "Elige el archivo .key tal como lo entregó la autoridad."
    )


class KeyDoesNotMatch(InvalidInput):
    """Certificate and key are both sound and belong to different pairs."""

    code = "KEY_DOES_NOT_MATCH"
    message = (
        "La llave privada no corresponde al certificado: son de trámites distintos. "
        "Elige el .cer y el .key que se generaron juntos."
    )


class Sha1Unavailable(Misconfigured):
    """This machine's OpenSSL policy forbids RSA-SHA1, which some authorities still demand."""

    code = "SHA1_UNAVAILABLE"
    message = (
        "Esta máquina no permite firmar con RSA-SHA1, que el servicio de la autoridad exige. "
        "Revisa la política criptográfica del sistema (OPENSSL_CONF, modo FIPS) y vuelve a iniciar."
    )
