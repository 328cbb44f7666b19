"""The Neovim plugin, end to end: a real Neovim in a terminal, the real server, a scripted provider."""
