"""An RTSP server of GStreamer's, for /usr/bin/python3: prints its port, and ends when its input ends."""

import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PAY = {
    "h264": "h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96",
    "b-frames": "h264parse ! rtph264pay name=pay0 pt=97 aggregate-mode=zero-latency",
    "h265": "h265parse ! rtph265pay name=pay0 pt=98",
}

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
auth = GstRtspServer.RTSPAuth()
auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
token = GstRtspServer.RTSPToken()
token.set_string("media.factory.role", "viewer")
auth.add_digest("viewer", "right", token)
server.set_auth(auth)
for (name, pay), file in zip(PAY.items(), sys.argv[1:], strict=True):
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( filesrc location={file} ! qtdemux ! {pay} )")
    factory.set_shared(False)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)
    server.get_mount_points().add_factory(f"/{name}", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
loop = GLib.MainLoop()
threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
loop.run()
