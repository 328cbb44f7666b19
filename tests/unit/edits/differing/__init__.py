"""Tests of `moa_lsp/edits/differing/`: what two hunks are to each other, and what comes of any number of them."""
