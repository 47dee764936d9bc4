"""Acuse: the self-hosted gateway to Latin America's tax authorities."""
