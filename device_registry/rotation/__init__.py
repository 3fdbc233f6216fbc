"""Rotation of the passwords of devices: many of them, in stages, and none of their passwords lost on the way.

docs/design/0017-camera-credentials.md says what may happen at each step.
"""
