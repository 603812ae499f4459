"""What an evaluation tells those above it."""

from django.dispatch import Signal

# Sent inside the transaction that finished the evaluation; arguments: evaluation.
evaluated = Signal()
