"""Feature: certificates of fiscal controllers issued by ARCA on demand."""
