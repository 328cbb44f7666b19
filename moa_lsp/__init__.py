"""moa-lsp: several models think about your code together, over the Language Server Protocol.

The Python API has its names here and is loaded when one of them is asked for, so that the server, which needs none of
it, starts as fast as it can. It is in `api.py`: `from moa_lsp import Mixture`.

Nothing is imported here, not even from the standard library: this runs before `python -m moa_lsp` has taken the folder
that it was started in, which may be a stranger's workspace, off the places to import from.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moa_lsp.api import Answer, Mixture, ModelError, Note, Refused, Words

__version__ = "0.1.0"

__all__ = ["Answer", "Mixture", "ModelError", "Note", "Refused", "Words", "__version__"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from moa_lsp import api

    return getattr(api, name)
