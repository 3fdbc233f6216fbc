"""ONVIF from the client's side: ask a device what it is, what it streams and how.

A device is not trusted. Only the host that a person named is ever dialled, whatever addresses the device tells; its
answers have a time, a size and an encoding that they must keep to; document types and entities are refused.
"""
