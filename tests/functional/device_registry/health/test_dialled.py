"""Nobody but registered hosts is dialled, whatever a device tells: the process's own sockets are watched."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.functional

# Python itself tells of every connection and every look-up, whoever makes them; a hook cannot be taken off again.
_WATCHED = """
import json, sys, time
seen = []
def watch(event, arguments):
    if event == "socket.connect":
        seen.append(list(arguments[1][:2]) if isinstance(arguments[1], tuple) else [str(arguments[1]), 0])
    elif event == "socket.getaddrinfo":
        seen.append([str(arguments[0]), "looked up"])
    elif event == "socket.sendto":
        seen.append(["sendto", str(arguments[1])])
sys.addaudithook(watch)
from device_registry import centers
from device_registry.health.process import Health
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, transaction
from foundation.keyring import Keyring
from foundation.settings import load_settings
settings = load_settings()
stores = open_stores(settings)
with transaction(stores.core) as session:
    origin = centers.ensure_local(session, settings, SYSTEM_CLOCK)
health = Health(settings, stores, Keyring.open(settings.key_dir), origin)
end = time.monotonic() + 60
health.tick()
while health._workers._running and time.monotonic() < end:
    time.sleep(0.05)
    health.tick()
health.tick()
print(json.dumps(seen))
"""


# Of PostgreSQL the database's own connection would be among them.
@pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)
def test_only_registered_hosts_are_dialled(watch, device, request):
    devices = [
        device(),
        device("lying-address:192.0.2.7"),
        device("redirect:http://192.0.2.8/onvif/device_service"),
        device("xml-bomb"),
        device("refuse-password"),
    ]
    for n, one in enumerate(devices):
        watch.camera(f"C{n}", one.authority)
    watch.camera("metadata", "169.254.169.254")
    watch.camera("plain")  # its stream is at port 1, where nothing listens
    watch.settings.key_dir.mkdir(exist_ok=True)
    environment = {
        "PATH": "/usr/bin:/bin",
        "VEDETTE_DATA_DIR": str(watch.settings.data_dir),
        "VEDETTE_DEVICES__ALLOW": '["127.0.0.0/8"]',
        "PYTHONPATH": str(request.config.rootpath),
    }
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED],
        env=environment,
        cwd=watch.settings.data_dir,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = {(host, port) for host, port in json.loads(done.stdout.splitlines()[-1])}
    registered = {("127.0.0.1", int(one.authority.rpartition(":")[2])) for one in devices} | {("127.0.0.1", 1)}
    assert seen == registered | {("127.0.0.1", "looked up")}
    assert [one.asked[:1] for one in devices] == [["GetSystemDateAndTime"]] * 2 + [[]] + [["GetSystemDateAndTime"]] * 2
