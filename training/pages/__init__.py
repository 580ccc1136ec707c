"""What a person looks at: reports and comparisons as HTML with all in it, for any theme and from any disk."""
