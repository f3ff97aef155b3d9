"""What a build costs, measured task by task, and what that makes of a larger one."""
