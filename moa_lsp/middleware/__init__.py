"""What wraps a model call, one file each: deadlines, retries, recording. Never here: LSP."""
