"""Backup, restore and upgrade of the two stores: one signed file that knows nothing of the database it came from."""
