"""The foundations every other part stands on: errors, actions, manifests and captions (numpy and the standard library)."""
