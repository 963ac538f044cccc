"""What the commands do: the parts of kerashep put together, one job a file."""
