"""Any LSP client: a real Emacs with its own eglot, which knows nothing of this project, does the whole job."""
