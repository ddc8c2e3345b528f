"""The HTML paper: documents as pages."""
