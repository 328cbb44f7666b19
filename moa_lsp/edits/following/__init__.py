"""Hunks stay with the text while it moves: typing, merging, files that come and go, equal proposals of several."""
