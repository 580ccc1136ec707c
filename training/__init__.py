"""Record, caption, train, evaluate and export worlds: `python -m training`."""
