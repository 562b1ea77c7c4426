"""Front ends over the hub: the terminal application, the command line, and the wiring."""
