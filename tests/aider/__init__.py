"""aider itself, with a preset for its model. Run by `scripts/test-aider`."""
