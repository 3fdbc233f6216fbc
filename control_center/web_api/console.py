"""The console's files, and its page for every path that is no file, so that an address can be kept as a bookmark."""

from __future__ import annotations

from pathlib import PurePosixPath

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from control_center.console import dist

_NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Vedette</title>
<h1>The console is not built</h1>
<p>The API runs. Build the console with <code>make console</code>, then start Vedette again.</p>
<h1 lang="zh-CN">控制台尚未构建</h1>
<p lang="zh-CN">接口已在运行。请执行 <code>make console</code> 构建控制台，然后重新启动 Vedette。</p>
</html>
"""


def mount(app: FastAPI) -> None:
    """Last of all routes: it answers every path that is left."""
    folder = dist()
    if folder is None:
        app.add_api_route("/", _not_built, include_in_schema=False)
    else:
        app.mount("/", _Console(directory=folder, html=True), name="console")


def _not_built() -> HTMLResponse:
    return HTMLResponse(_NOT_BUILT, 503)


class _Console(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or not _is_page(path):
                raise
            response = await super().get_response("index.html", scope)
        # The build names assets by their content, so they never change; the page that names them does.
        kept = path.startswith("assets/")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response


def _is_page(path: str) -> bool:
    return not path.startswith("api/") and not PurePosixPath(path).suffix
