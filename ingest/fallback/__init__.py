"""Cameras that send over UDP only: FFmpeg receives them, in a process of its own for each stream.

`session` is the recorder's side and knows nothing of FFmpeg; `__main__` is the child.
"""
