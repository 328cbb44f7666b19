"""How well and how fast edits are placed, ours beside aider's, in one run.

`sources.py` has the real code, `alterations.py` changes it as a developer would, `cases.py` and `crowded.py` spoil the
edit as a model would and know the right outcome, `render.py` writes the reply. `ours.py` and `rival.py` place it,
`judge.py` says what came of it, `speed.py` measures large files, `page.py` writes it down.
"""
