"""Captioned clips on disk: read, written, checked, exported; and the sessions that clips come from."""
