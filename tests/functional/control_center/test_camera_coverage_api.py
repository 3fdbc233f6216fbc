"""What ground the cameras cover, as a map reads it."""

from __future__ import annotations

import pytest

from control_center.identity.roles import Role

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]
COVERAGE, BATCH = "/api/v1/cameras/coverage", "/api/v1/cameras/batch"
PLACE = {"latitude": 39.9, "longitude": 116.4}
SIGHT = {"azimuth_deg": 45, "fov_deg": 90, "range_m": 50}


def camera(code: str, **columns: object) -> dict[str, object]:
    return {"code": code, "name": f"{code}'s gate", "main_url": "rtsp://10.0.0.1/", **columns}


def test_positions_and_sectors_are_one_feature_collection(web_center) -> None:
    with web_center.signed_in("tan", "county", Role.TECHNICIAN) as client:
        empty = client.get(COVERAGE)
        assert empty.headers["content-type"] == "application/geo+json"
        assert empty.json() == {"type": "FeatureCollection", "features": []}
        cameras = [
            camera("C1", **PLACE, **SIGHT),
            camera("C2", **PLACE, azimuth_deg=45),
            camera("C3", **SIGHT),
            camera("C4", latitude=89.0, longitude=0.0, **SIGHT),
        ]
        assert client.post(BATCH, json={"cameras": cameras}).json()["created"] == 4
        answer = client.get(COVERAGE)
        features = answer.json()["features"]
        told = [(one["properties"]["code"], one["properties"]["kind"], one["geometry"]["type"]) for one in features]
        assert told == [
            ("C1", "position", "Point"),
            ("C1", "sector", "Polygon"),
            ("C2", "position", "Point"),
            ("C4", "position", "Point"),
        ]
        assert features[0]["geometry"]["coordinates"] == [116.4, 39.9]
        [ring] = features[1]["geometry"]["coordinates"]
        assert ring[0] == ring[-1] == [116.4, 39.9]
        assert max(longitude for longitude, _ in ring) > 116.4
        assert features[0]["properties"].keys() == {"id", "code", "name", "azimuth_deg", "kind"}
        again = client.get(COVERAGE, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    with web_center.signed_in("theirs", "station-2") as other:
        assert other.get(COVERAGE).json()["features"] == []
