"""What the trail tells packages above: sent inside the transaction of the change, for each entry.

`recorded(entry, subject, actor)`: what happened or was refused, the object it is about as it is now,
and who did it, None for the server itself. A receiver that raises undoes the change.
"""

from django.dispatch import Signal

recorded = Signal()
