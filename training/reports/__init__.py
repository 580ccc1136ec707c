"""Reports as data: their schema, the figures in them, and how two of them differ."""
