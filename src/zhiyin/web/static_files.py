"""Static files under names that carry the hash of what is in them, modules and all they import."""

from __future__ import annotations

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedFiles(ManifestStaticFilesStorage):
    """An ES module imports the file that was published with it, and not one kept from before."""

    support_js_module_import_aggregation = True
