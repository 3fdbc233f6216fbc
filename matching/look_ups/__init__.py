"""Single records, looked up among all lists and reference databases while somebody waits."""
