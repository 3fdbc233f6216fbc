"""An RTSP server of GStreamer's, for /usr/bin/python3: prints its port, and ends when its input ends."""

import argparse
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PAY = {
    "h264": "h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96",
    "b-frames": "h264parse ! rtph264pay name=pay0 pt=97 aggregate-mode=zero-latency",
    "h265": "h265parse ! rtph265pay name=pay0 pt=98",
}

arguments = argparse.ArgumentParser()
arguments.add_argument("files", nargs=len(PAY))
arguments.add_argument("--port", default="0")
arguments.add_argument("--udp", action="store_true", help="send over UDP only")
arguments.add_argument("--loss", type=float, default=0.0, help="share of the RTP packets that are lost")
arguments.add_argument("--tls", metavar="PEM", help="certificate and key; then nothing goes without encryption")
options = arguments.parse_args()

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(options.port)
auth = GstRtspServer.RTSPAuth()
auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
token = GstRtspServer.RTSPToken()
token.set_string("media.factory.role", "viewer")
auth.add_digest("viewer", "right", token)
if options.tls:
    auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(options.tls))
server.set_auth(auth)
for (name, pay), file in zip(PAY.items(), options.files, strict=True):
    lossy = f"{pay.replace(' name=pay0', '')} ! identity name=pay0 drop-probability={options.loss}"
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( filesrc location={file} ! qtdemux ! {lossy if options.loss else pay} )")
    factory.set_shared(False)
    if options.udp:
        factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP)
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
