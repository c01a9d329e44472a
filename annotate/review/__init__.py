"""What a reviewer does to an object, as pure functions: operations, splits, suggestions."""
