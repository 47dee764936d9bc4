"""Descarga masiva: solicitudes to the SAT, their verification, and the paquetes they bring."""
