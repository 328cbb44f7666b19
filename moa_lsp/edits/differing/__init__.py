"""Where proposals differ: which hunks can't stand side by side, where they do, and one change put together of many."""
