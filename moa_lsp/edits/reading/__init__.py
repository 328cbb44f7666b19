"""Reply text becomes blocks: one reader a form, all tried on every reply, also while it arrives. Never here: files."""
