"""Look at the post-mortems of the pull request of the event. review.yml starts it."""

from allclear.single_run import once

once("review")
