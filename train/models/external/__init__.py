"""Published checkpoints: reading them safely, and renaming their tensors into ours and back."""
