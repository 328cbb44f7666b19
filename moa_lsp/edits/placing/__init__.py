"""Blocks become hunks in the files as they are: the ladder, what contradicts, what is said of those that don't fit."""
