"""The routes of the stand-in, one file per kind of object."""
