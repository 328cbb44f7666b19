"""Tests of the presets as models, over HTTP: the endpoint by itself, OpenAI's own client, and aider."""
