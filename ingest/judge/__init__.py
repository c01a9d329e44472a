"""Which objects are of use as training data: what is measured, and the rules that go by it."""
