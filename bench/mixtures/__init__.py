"""What putting models together costs in time: a mixture's wall time beside that of its slowest calls alone, through the
real server, its worker and real HTTP between that and a provider which streams as slowly as real ones do.

`run` beside this file measures; `--help` says what can be asked for.
"""
