"""A scripted model provider over loopback HTTP, for every test that needs a model to answer."""
