"""The screen in a browser on this machine; needs the extra `web`."""
