"""Programs that draw on a terminal, driven as a person would: keys in, and what the screen shows read off it."""
