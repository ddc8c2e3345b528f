"""What a command runs with: environment and calendar, worker processes, progress, the process."""
