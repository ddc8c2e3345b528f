"""What people run, and what makes up the data they run it on."""
