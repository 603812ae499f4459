"""A program of its own for the child process: imports nothing of the server, nor of Django."""
