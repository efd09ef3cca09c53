"""One self-contained HTML page about a run; see :func:`bankml.report.build.build`."""

from __future__ import annotations
