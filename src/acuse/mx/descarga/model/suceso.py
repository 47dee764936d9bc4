"""What can happen in the story of a solicitud, as its timeline and historial.csv name it."""

from __future__ import annotations

from enum import StrEnum


class Suceso(StrEnum):
    """One kind of event in the story; the value is stored and shown."""

    CREADA = "creada"
    PROGRAMADA = "programada"
    ENVIO = "envío"
    REENVIO = "reenvío"
    ACEPTADA = "aceptada"
    ESPERA = "en espera"
    VERIFICADA = "verificada"
    PAQUETES = "paquetes listos"
    DESCARGA = "descarga"
    GUARDADO = "paquete guardado"
    RECUPERADO = "paquete recuperado"
    INDEXADO = "paquete indexado"
    DIVISION = "división"
    REPETIDA = "repetida"
    PROBLEMA = "problema"
    TERMINO = "término"
