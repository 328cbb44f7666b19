"""What aider's tests start from. They need its program, which `scripts/test-aider` installs and names by
`MOA_TEST_AIDER`; without that they aren't collected."""

from __future__ import annotations

import os

if not os.environ.get("MOA_TEST_AIDER"):
    collect_ignore_glob = ["test_*.py"]
