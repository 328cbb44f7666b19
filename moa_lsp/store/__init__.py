"""What the program keeps on this machine: discussions and changes, the log, and the folders both lie in."""
