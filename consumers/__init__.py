"""From the world to the log: what one-stop systems send is judged by its form and recorded."""
