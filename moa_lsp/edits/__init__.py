"""From a reply's text to hunks in files: `reading/`, `placing/`, `following/`, and the values and diffs all three use.

Positions are lines and code points. Never here: I/O, LSP, who said what to whom.
"""
