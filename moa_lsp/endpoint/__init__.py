"""Presets as models for any program that speaks to OpenAI: HTTP on loopback, in the shape of OpenAI's API.

Never here: who is asked and what the answer is (`moa_lsp/answering/`), LSP, decisions about settings.
"""
