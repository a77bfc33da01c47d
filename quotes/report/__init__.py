"""Reports for people: pure renderers of annotated documents."""

from quotes.report.terminal import render_report

__all__ = ["render_report"]
