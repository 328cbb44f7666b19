"""Tests of the room that answers as one model."""
