"""One module a file format, each with `describe` and `chunks`; see `tables`."""
