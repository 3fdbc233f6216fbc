"""Use the console as a browser does: load the page, sign in, read an alert, fetch its clip."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.cookiejar import CookieJar
from typing import Any

from foundation.settings import Settings


class ConsoleVisitor:
    """One signed-in visit. `look` is true once page, API and media server have each answered as they should."""

    def __init__(self, settings: Settings, username: str, one_time_password: str, new_password: str) -> None:
        self._origin = f"http://{settings.api.host}:{settings.api.port}"
        self._login = (username, one_time_password)
        self._new_password = new_password
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._signed_in = False
        self.fault: str | None = None

    def look(self) -> bool:
        try:
            return self._page_loads() and self._sign_in() and self._alert_and_clip()
        except (OSError, ValueError, KeyError) as error:
            self.fault = str(error)
            return False

    def _page_loads(self) -> bool:
        return b'id="root"' in self._get(f"{self._origin}/")

    def _sign_in(self) -> bool:
        if not self._signed_in:
            username, password = self._login
            self._post("/api/v1/session", {"username": username, "password": password})
            self._post("/api/v1/session/password", {"new_password": self._new_password})
            self._signed_in = True
        return True

    def _alert_and_clip(self) -> bool:
        """True when some alert's clip can be fetched; where no camera raised one, when the camera records something."""
        alerts = json.loads(self._get(f"{self._origin}/api/v1/alerts?limit=100"))["items"]
        cameras = json.loads(self._get(f"{self._origin}/api/v1/cameras"))["items"]
        if not alerts or not cameras:
            return False
        seen = [alert for alert in alerts if alert["camera"]]
        if not seen:
            return any(camera["state"] == "recording" for camera in cameras)
        detail = json.loads(self._get(f"{self._origin}/api/v1/alerts/{seen[-1]['id']}"))
        return self._clip_plays(detail["id"], detail["clip"])

    def _clip_plays(self, alert_id: str, clip: Mapping[str, Any]) -> bool:
        leave = json.loads(self._post("/api/v1/clip-tickets", {**clip, "alert_id": alert_id}))
        self._send(leave["session_url"], {"ticket": leave["ticket"]})
        times = f"start_us={clip['start_us']}&end_us={clip['end_us']}"
        content = self._get(f"{leave['clip_url']}/{clip['camera_id']}/{clip['stream']}.mp4?{times}")
        return content[4:8] == b"ftyp"

    def _get(self, url: str) -> bytes:
        with self._opener.open(url, timeout=10) as answer:
            content: bytes = answer.read()
            return content

    def _post(self, path: str, body: Mapping[str, Any]) -> bytes:
        return self._send(f"{self._origin}{path}", body)

    def _send(self, url: str, body: Mapping[str, Any]) -> bytes:
        headers = {"Content-Type": "application/json", "X-Vedette": "1", "Origin": self._origin}
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - our own addresses
        with self._opener.open(request, timeout=10) as answer:
            content: bytes = answer.read()
            return content
