"""Passwords of devices: changed over many of them, in stages, and none lost on the way; makers' own tried on demand.

docs/design/0017-camera-credentials.md says what may happen at each step.
"""
