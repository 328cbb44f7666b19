"""moa-lsp: several models think about your code together, over the Language Server Protocol."""

__version__ = "0.1.0"
