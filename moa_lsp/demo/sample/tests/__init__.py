"""How the tea shop should behave."""
