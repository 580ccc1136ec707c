"""The foundations of every other part: errors, actions, manifests and captions."""
