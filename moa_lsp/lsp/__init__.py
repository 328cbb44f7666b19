"""The only room that knows lsprotocol and pygls: the server as an editor sees it. Never here: decisions."""
