"""Plates on record: which of them a plate read may be, how likely each is, and what speaks for a cloned plate."""
