"""What is sent: which files may be, what they hold, how large it is. Never here: LSP, model calls."""
