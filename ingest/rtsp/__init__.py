"""The RTSP 1.0 client (RFC 2326) over TCP: from a camera's URL to access units with capture times."""
