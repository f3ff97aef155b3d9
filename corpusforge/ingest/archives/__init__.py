"""The files inside tar and zip archives."""
