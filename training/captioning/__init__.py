"""Captioning: from clips with thin captions, or none, to clips with rich, true and timed ones."""
