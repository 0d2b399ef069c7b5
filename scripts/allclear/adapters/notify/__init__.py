"""Outside channels for pages. None is built yet: people are paged by mention."""
