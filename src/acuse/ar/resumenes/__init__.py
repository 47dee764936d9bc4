"""Feature: the closed, signed monthly statement of each reseller's downloads, for invoicing."""
