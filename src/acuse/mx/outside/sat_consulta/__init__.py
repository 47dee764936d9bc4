"""The SAT's service that tells the state of one CFDI."""
