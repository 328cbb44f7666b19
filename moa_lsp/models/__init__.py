"""Models: litellm in a worker process of its own, recorded cassettes, and one table of their errors.

Never here: prompts, the discussion's rules, LSP.
"""
