"""From a reply's text to hunks in files: read, place, follow a moving buffer, diff.

Positions are lines and code points. Never here: I/O, LSP, who said what to whom.
"""
