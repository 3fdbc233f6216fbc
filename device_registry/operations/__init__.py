"""What is done to many devices at once, or by somebody at a console: settings, steering, restarts.

Only hosts that a camera is registered with are dialled, and every change is audited with what was there before.
"""
