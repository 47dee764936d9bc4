"""Acuse: the self-hosted gateway to Latin America's tax authorities."""

__version__ = "0.1.0"
