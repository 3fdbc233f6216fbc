"""Alerts: what a hit becomes for people, and the steps they take with it."""
