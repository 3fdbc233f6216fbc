"""An ONVIF device of Vedette's own, on loopback: it knows a password, and misbehaves on request.

It is made to try a client's defences with what no real device at hand does. That the client understands real devices is
shown with their own answers, not with these.
"""
