"""The commands, the drivers that carry out a round and a `/code`, and the pending changes. Never here: LSP."""
