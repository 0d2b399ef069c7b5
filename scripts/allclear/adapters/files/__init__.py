"""Files of the checkout and of the runner: settings, templates, the event, outputs."""
