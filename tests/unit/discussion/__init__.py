"""Tests of `moa_lsp/discussion/`: values in, values out, so most of them are properties over random histories."""
