"""What blessing tells those who build on it, inside the transaction of the verdict."""

from django.dispatch import Signal

# Arguments: blessing.
judged = Signal()
