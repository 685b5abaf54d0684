"""The statements behind the routes that read lists or write rows of their own."""
