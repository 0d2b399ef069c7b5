"""What people say: found in comments, understood, allowed or refused, answered."""
