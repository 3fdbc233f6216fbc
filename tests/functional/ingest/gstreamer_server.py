"""An RTSP server of GStreamer's, for /usr/bin/python3: prints its port, and ends when its input ends."""

import argparse
import sys
import threading
from pathlib import Path

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
# Each of these is a path with the video of /h264 and a tone.
SOUND = {
    "aac": "audio/x-raw,rate=16000,channels=1 ! voaacenc ! aacparse ! rtpmp4gpay name=pay1 pt=100 mtu=120",
    "latm": "audio/x-raw,rate=16000,channels=1 ! voaacenc ! aacparse ! rtpmp4apay name=pay1 pt=102 mtu=120",
    "pcma": "audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8",
    "pcmu": "audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay name=pay1 pt=0",
    "ends": "audio/x-raw,rate=8000,channels=1 ! identity eos-after=60 ! alawenc ! rtppcmapay name=pay1 pt=8",
    "opus": "audio/x-raw,rate=48000,channels=1 ! opusenc ! rtpopuspay name=pay1 pt=101",
}

arguments = argparse.ArgumentParser()
arguments.add_argument("files", nargs=len(PAY))
arguments.add_argument("--port", default="0")
arguments.add_argument("--udp", action="store_true", help="send over UDP only")
arguments.add_argument("--loss", type=float, default=0.0, help="share of the RTP packets that are lost")
arguments.add_argument("--setups", metavar="FILE", help="where the path of each SETUP is written")
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
auth.add_digest("odd one", "a:b@c/d?e#f%41&ü \"'\\", token)
if options.tls:
    auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(options.tls))
server.set_auth(auth)


def launch_lines():
    """By path."""
    for (name, pay), file in zip(PAY.items(), options.files, strict=True):
        lossy = f"{pay.replace(' name=pay0', '')} ! identity name=pay0 drop-probability={options.loss}"
        yield name, f"( filesrc location={file} ! qtdemux ! {lossy if options.loss else pay} )"
    for name, sound in SOUND.items():
        # Not live it prerolls, and one client in four that sets up the pictures alone gets nothing.
        tone = f"audiotestsrc is-live=true ! {sound}"
        yield name, f"( filesrc location={options.files[0]} ! qtdemux ! {PAY['h264']} {tone} )"


def note_setups(_, client):
    def note(_, context):
        with Path(options.setups).open("a", encoding="utf-8") as file:
            print(context.uri.abspath, file=file)

    client.connect("setup-request", note)


if options.setups:
    server.connect("client-connected", note_setups)
for name, line in launch_lines():
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(line)
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
