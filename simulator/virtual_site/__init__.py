"""A site with cameras: each an ONVIF device and an RTSP server on an address of its own, to practise registering on."""
