"""Takes scans that were made without network, and lets agents decide about those in doubt."""
