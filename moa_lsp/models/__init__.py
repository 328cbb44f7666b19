"""The one door to models: litellm in a worker process of its own, recorded cassettes, and their errors.

Never here: prompts, the discussion's rules, LSP.
"""
