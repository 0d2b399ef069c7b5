"""What the workflows of operations execute, step by step; each step holds its right to act against git."""
