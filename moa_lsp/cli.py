"""The program's entry: without arguments the language server on stdio, with a command the terminal client.

The server's path is the short one: stdout is guarded before anything that might print is imported, and nothing that
only the terminal needs is imported at all. Never here: logic.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit code; `argv` are the arguments without the program's name."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if not arguments:
        return _serve_stdio()
    from moa_lsp.terminal.arguments import parse

    options = parse(arguments)
    if options.tcp is not None:
        from moa_lsp.lsp.serving import serve_tcp

        host, port = options.tcp
        return serve_tcp(host, port)
    from moa_lsp.terminal.run import run

    return run(options)


def _serve_stdio() -> int:
    from moa_lsp.stdio import guard

    if os.isatty(0):
        # Somebody typed the bare name: the server would sit there in silence, waiting for an editor.
        sys.stderr.write("moa-lsp speaks LSP here, for an editor. For the terminal see: moa-lsp --help (Ctrl-C ends)\n")
    protocol = guard()
    from moa_lsp.lsp.serving import serve_stdio

    return serve_stdio(protocol.stdin, protocol.stdout)
