"""What proves the speed: each beside what a user would do instead, in one run."""
