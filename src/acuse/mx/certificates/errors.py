"""What can be wrong with a certificate of the SAT beyond its being a certificate."""

from __future__ import annotations

from acuse.kernel.errors import InvalidInput, TooLarge


class CertificateWithoutRfc(InvalidInput):
    """The subject holds no readable RFC."""

    code = "CERTIFICATE_WITHOUT_RFC"
    message = (
        "El certificado no dice a qué RFC pertenece, así que no lo emitió el SAT a un contribuyente. "
        "Elige el .cer de tu e.firma, el que entregó el SAT."
    )


class CsdInsteadOfEfirma(InvalidInput):
    """A CSD was handed in where the SAT takes the e.firma only."""

    code = "CSD_INSTEAD_OF_EFIRMA"
    message = (
        "El archivo es un CSD, no una e.firma. El SAT sólo acepta la e.firma para descargar. "
        "Sube el .cer y el .key de tu e.firma."
    )


class NotAnEfirma(InvalidInput):
    """A sound certificate, made for something else."""

    code = "NOT_AN_EFIRMA"
    message = (
        "El certificado no es una e.firma: sus usos no son los que el SAT le da. "
        "Elige el .cer de tu e.firma, el que entregó el SAT."
    )


class EfirmaExpired(InvalidInput):
    """Its validity is over."""

    code = "EFIRMA_EXPIRED"
    message = (
        "La e.firma {number} venció el {valid_until}. El SAT ya no la acepta. "
        "Renuévala en el SAT y sube los archivos nuevos."
    )


class EfirmaNotYetValid(InvalidInput):
    """Its validity has not begun."""

    code = "EFIRMA_NOT_YET_VALID"
    message = (
        "La e.firma {number} empieza a valer el {valid_from}. "
        "Espera a esa fecha, o revisa que el reloj de este equipo esté bien."
    )


class EfirmaOfAnotherRfc(InvalidInput):
    """It belongs to another taxpayer than the one it was handed in for."""

    code = "EFIRMA_OF_ANOTHER_RFC"
    message = (
        "La e.firma es de {actual}, no de {expected}. "
        "Elige los archivos de {expected}, o da de alta a {actual} por separado."
    )


class EfirmaIssuerUnknown(InvalidInput):
    """None of the issuers this installation trusts signed the certificate."""

    code = "EFIRMA_ISSUER_UNKNOWN"
    message = (
        "El certificado no lo firmó una autoridad del SAT reconocida en esta instalación. "
        "Elige el .cer que entregó el SAT, o pide a un administrador que revise SAT_CA_FILE."
    )


class FileEmpty(InvalidInput):
    """A file without a byte."""

    code = "FILE_EMPTY"
    message = "El archivo {file} está vacío. Vuelve a copiarlo desde su origen y elígelo de nuevo."


class CredentialFileTooLarge(TooLarge):
    """No certificate and no key is this large."""

    code = "FILE_TOO_LARGE"
    message = "El archivo {file} pesa más de {limit}, demasiado para ser el correcto. Elige el .cer y el .key del SAT."


class CertificateInsteadOfKey(InvalidInput):
    """Two certificates were handed in and no key."""

    code = "CERTIFICATE_INSTEAD_OF_KEY"
    message = "Elegiste dos certificados y ninguna llave. En el lugar de la llave elige el archivo .key."


class KeyInsteadOfCertificate(InvalidInput):
    """Two keys were handed in and no certificate."""

    code = "KEY_INSTEAD_OF_CERTIFICATE"
    message = "Elegiste dos llaves y ningún certificado. En el lugar del certificado elige el archivo .cer."
