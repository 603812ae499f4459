"""What exceptions tell the packages above.

Sent inside the transaction of the change, with `exception` (its row is locked), `was` (the state before)
and `actor` (None for the system). A receiver that raises undoes the change.
"""

from django.dispatch import Signal

changed = Signal()
