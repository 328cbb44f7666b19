"""The driver that carries out a round's effects, the store that outlives it, and the settings. Never here: LSP."""
