"""Why an upload is no certificate of a fiscal controller, each reason with its own code."""

from __future__ import annotations

from acuse.kernel.errors import InvalidInput


class DeviceCertificateRefused(InvalidInput):
    """What was uploaded cannot stand in the catalogue."""

    code = "DEVICE_CERTIFICATE_REFUSED"
    message = "El archivo no se puede poner en el catálogo."


class PrivateKeyInside(DeviceCertificateRefused):
    """The upload holds a private key, or is a PKCS#12. Nothing of it is kept."""

    code = "PRIVATE_KEY_INSIDE"
    message = (
        "El archivo contiene una llave privada y el catálogo se reparte a otras personas. No se guardó nada. "
        "Sube sólo el certificado del controlador y el intermedio (.pem), y cambia esa llave si salió de su lugar."
    )


class NoDeviceCertificate(DeviceCertificateRefused):
    """It is not X.509 in PEM or DER, or holds no certificate of a device."""

    code = "NO_DEVICE_CERTIFICATE"
    message = (
        "El archivo no contiene un certificado X.509 de un controlador fiscal. "
        "Sube el .pem tal como lo entregó el fabricante, con el intermedio y el del equipo."
    )


class SeveralDeviceCertificates(DeviceCertificateRefused):
    """More than one device's certificate in one file."""

    code = "SEVERAL_DEVICE_CERTIFICATES"
    message = "El archivo contiene certificados de {count} equipos. Sube un archivo por equipo, o un ZIP con todos."


class WebServiceCertificate(DeviceCertificateRefused):
    """The certificate with which a company calls AFIP's services: never for distribution."""

    code = "WEB_SERVICE_CERTIFICATE"
    message = (
        "El certificado es el de un servicio web de ARCA (lleva un CUIT), no el de un controlador fiscal. "
        "Ese no se reparte. Sube el certificado del equipo."
    )


class NotAControladorName(DeviceCertificateRefused):
    """The common name is not the 16 characters of a device, or the unit is not CONTROLADORFISCAL."""

    code = "NOT_A_CONTROLADOR_NAME"
    message = (
        "El certificado está a nombre de «{name}» y no de un controlador fiscal. "
        "Debe llevar los 16 caracteres del equipo, como SESHIA0000001371, y la unidad CONTROLADORFISCAL."
    )


class OtherControlador(DeviceCertificateRefused):
    """It is another device's than the one named by the uploader or by the file's name."""

    code = "OTHER_CONTROLADOR"
    message = "El certificado es de {found} y se esperaba el de {expected}. Revisa el archivo o el equipo indicado."


class DeviceCertificateExpired(DeviceCertificateRefused):
    """Its validity has ended."""

    code = "DEVICE_CERTIFICATE_EXPIRED"
    message = "El certificado de {controlador} venció el {until}. Renuévalo en ARCA y sube el nuevo."


class DeviceCertificateNotYetValid(DeviceCertificateRefused):
    """Its validity has not begun."""

    code = "DEVICE_CERTIFICATE_NOT_YET_VALID"
    message = "El certificado de {controlador} vale desde el {since}. Súbelo a partir de ese día."


class DeviceChainBroken(DeviceCertificateRefused):
    """The chain from the device to its authority does not hold, pair by pair."""

    code = "DEVICE_CHAIN_BROKEN"
    message = (
        "La cadena del certificado de {controlador} no cierra: {problem}. "
        "Sube el archivo completo, con el intermedio que lo emitió y el del equipo."
    )


class DeviceKeyTooSmall(DeviceCertificateRefused):
    """Less than 1024 bits."""

    code = "DEVICE_KEY_TOO_SMALL"
    message = "La llave del certificado tiene {bits} bits y el mínimo es 1024. Renueva el certificado del equipo."


class NotACompanyCertificate(InvalidInput):
    """The subject does not name a company as ARCA's web-service certificates do."""

    code = "NOT_A_COMPANY_CERTIFICATE"
    message = (
        "El certificado «{name}» no es el de un servicio web de ARCA: le falta «CUIT» con 11 dígitos en el titular. "
        "Carga el que diste de alta en «Administración de Certificados Digitales», con su llave."
    )


class NotADeviceRequest(InvalidInput):
    """It is no PKCS#10 with an RSA key and a good signature."""

    code = "NOT_A_DEVICE_REQUEST"
    message = (
        "La solicitud de certificado no sirve: {problem}. "
        "Genera otra en el equipo y súbela tal como sale (.csr, .p10 o .pem)."
    )
