"""Blobs by the hash of their bytes, and the page."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse
from starlette.staticfiles import StaticFiles

from annotate.blobs.store import media_type
from annotate.server.identity import Reading, Service
from annotate.server.problems import Problem

router = APIRouter(tags=["files"])

FOREVER = "private, max-age=31536000, immutable"

NOT_BUILT = """The review page is not built.

The API runs: its description is at /api/v1/openapi.json.
In a checkout, build the page with

    make annotate
"""


@router.get(
    "/blobs/{name}",
    response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The bytes."}},
)
def blob(name: str, request: Request, caller: Reading, services: Service) -> Response:
    """A file of the store; the address tells its content, so it may be kept for ever."""
    sha256, _, ext = name.partition(".")
    try:
        path = services.blobs.path(sha256, ext)
        kind, encoding = media_type(ext)
    except (ValueError, KeyError) as error:
        raise Problem("bad_path", "a blob's address is 64 hex digits and a known ending") from error
    headers = {"Cache-Control": FOREVER, "ETag": f'"{sha256}"'}
    if encoding is not None:
        headers["Content-Encoding"] = encoding
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if not path.is_file():
        raise Problem("not_found", "there is no such blob; import the tasks again")
    return FileResponse(path, media_type=kind, headers=headers)


def add_page(app: FastAPI, static: Path) -> None:
    """Serve the built page at `/`, and at every address that is a view of it."""
    assets = static / "assets"
    if assets.is_dir():
        app.mount("/assets", _Immutable(directory=assets), name="assets")

    @app.get("/{view:path}", include_in_schema=False)
    def page(view: str) -> Response:
        """The page, whatever view the address names; it finds out itself."""
        index = static / "index.html"
        if view.startswith("api/"):
            raise Problem("not_found", "there is no such address in the API")
        # Files beside the page, such as its icon, are named flatly.
        beside = static / view
        if view and "/" not in view and beside.is_file():
            return FileResponse(beside)
        if "." in view.rsplit("/", 1)[-1]:
            raise Problem("not_found", "there is no such file")
        if not index.is_file():
            return PlainTextResponse(NOT_BUILT, status_code=503)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})


class _Immutable(StaticFiles):
    """Files whose names hold a hash of their content."""

    def file_response(self, *args: object, **named: object) -> Response:
        response = super().file_response(*args, **named)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
