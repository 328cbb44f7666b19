"""The discussion itself, pure: values, fences, threads, mixtures and the state machine of a round.

Never here: I/O, a clock, asyncio, LSP, litellm, edits.
"""
