"""The demo company."""

from __future__ import annotations

from zhiyin.api.documents.form import Document
from zhiyin.api.documents.jobs import JobDocument


class DemoDocument(Document):
    """Whether the demo company is shown; the last work that put it in, and that took it out."""

    is_demo: bool
    fill: JobDocument | None
    remove: JobDocument | None
