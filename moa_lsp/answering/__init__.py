"""A mixture as one model: a chat goes in, one answer comes out. No editor, no discussion that is kept.

Never here: HTTP (`moa_lsp/endpoint/`), LSP, files, the store.
"""
