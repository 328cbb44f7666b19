"""Measurements that aren't tests: each in a folder of its own, run by hand, with its results in `docs/benchmarks.md`.

Nothing in here is installed or imported by the program.
"""
