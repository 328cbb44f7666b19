"""`python -m moa_lsp`: the same program as `moa-lsp`.

`-m` makes the folder it is run in the first place to import from, and that may be a workspace: a `pygls.py` lying there
would run as ours. So that place is taken off the list before anything else is imported. What Python itself imports on
the way here (this package by its name, `importlib`) can't be kept from it: in a workspace, `moa-lsp` or
`python -P -m moa_lsp` is the way to start.
"""

import sys

if __name__ == "__main__" and __package__ == "moa_lsp" and not sys.flags.safe_path:
    del sys.path[0]

from moa_lsp.cli import main

if __name__ == "__main__":
    sys.exit(main())
