"""Reports for people: pure renderers of annotated documents."""

from quotes.report.selection import GroupBy, Sort, View
from quotes.report.terminal import render_report

__all__ = ["GroupBy", "Sort", "View", "render_report"]
