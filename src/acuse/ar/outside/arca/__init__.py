"""ARCA (formerly AFIP): access tickets (WSAA) and the certificates of fiscal controllers (ARBCCF)."""
