"""Before any test: a data folder that is nobody's, so that no test writes into a real one."""

from __future__ import annotations

import os
import tempfile

os.environ["ZHIYIN_DATA"] = tempfile.mkdtemp(prefix="zhiyin-tests-")
