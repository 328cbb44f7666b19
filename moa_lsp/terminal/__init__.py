"""The terminal client: an LSP client of the project's own server over stdio, drawn with rich.

It holds no rule of the discussion and writes files only as the server's `workspace/applyEdit` asks.
"""
