"""Certificates and private keys as they really circulate. Knows no country.

Libraries refuse certificates whose names break the letter of X.520 (an `&` in a PrintableString, Latin-1 bytes in
a UTF8String). Authorities issue them all the same, so names and structure are read here by an own DER walk; the
mathematics stays with `cryptography`.
"""
