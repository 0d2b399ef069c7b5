"""What people see: replies, panel, labels, tables."""
