"""``python -m allclear``."""

from allclear.cli import main

main()
