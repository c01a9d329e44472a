"""Figures for leads, as JSON and as CSV."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from annotate.database.figures import report
from annotate.server.identity import Counting, Service
from annotate.server.problems import Problem

router = APIRouter(tags=["figures"])

TableName = Annotated[str, Path(json_schema_extra={"enum": list(report.TABLES)})]


@router.get("/stats")
def figures(caller: Counting, services: Service) -> report.Figures:
    """All tables."""
    with services.database.read() as session:
        return report.figures(session, now=services.clock())


@router.get(
    "/stats/{name}.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "The table, with a header."}},
)
def table_csv(name: TableName, caller: Counting, services: Service) -> Response:
    """One table as CSV."""
    if name not in report.TABLES:
        raise Problem("not_found", f"there is no table {name!r}: {', '.join(report.TABLES)}")
    with services.database.read() as session:
        rows = report.table(session, name, now=services.clock())
    return Response(
        report.to_csv(name, rows),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
