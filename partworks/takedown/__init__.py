"""Taking an object down: it and all that derives from it goes, and it does not come back."""
