"""What is written afterwards: front matter, sections, timeline, file name."""
