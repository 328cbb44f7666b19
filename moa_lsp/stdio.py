"""Keeps stdin and stdout for the protocol alone.

Whatever prints to stdout while the server speaks LSP there breaks the editor's connection for good, and whatever reads
stdin takes bytes from the protocol. So, before anything else is imported, both are moved out of everybody's reach.
What is printed after that goes to stderr, where editors show or log it.

Never here: what is said on the two streams.
"""

from __future__ import annotations

import os
from typing import BinaryIO, NamedTuple

_STDIN, _STDOUT, _STDERR = 0, 1, 2


class Protocol(NamedTuple):
    """The two streams the protocol is spoken on. Nobody else holds their descriptors, child processes neither.

    Not an attrs class: nothing outside the standard library is imported before the streams are safe.
    """

    stdin: BinaryIO
    stdout: BinaryIO


def guard() -> Protocol:
    """Takes the process's stdin and stdout for the protocol; call it once, before any import that might print.

    Descriptor 1 then is stderr, descriptor 0 is empty, in this process and in those it starts. The descriptors are
    moved rather than `sys.stdout` replaced, since native code and child processes print there too.
    """
    stdin = os.fdopen(os.dup(_STDIN), "rb")
    stdout = os.fdopen(os.dup(_STDOUT), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, _STDIN)
    os.close(nothing)
    os.dup2(_STDERR, _STDOUT)
    return Protocol(stdin, stdout)
