"""The models' room against the real worker, the real litellm and a scripted provider."""
