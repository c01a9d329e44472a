"""What happens beside the training of a network: averages, guards, signals, logs."""
