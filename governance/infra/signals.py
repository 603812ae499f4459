"""What infra tells those who build on a check, in the transaction that ends it."""

from django.dispatch import Signal

# Arguments: check.
checked = Signal()
