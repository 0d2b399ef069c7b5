"""What a runbook's phrases of time mean: office hours, spans, rhythms, recurrences. Moments are UTC."""
