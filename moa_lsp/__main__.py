"""`python -m moa_lsp`: the same program as `moa-lsp`."""

import sys

from moa_lsp.cli import main

if __name__ == "__main__":
    sys.exit(main())
