"""The settings: their fields, their layers, what a file of them may say, and what is generated from them."""
