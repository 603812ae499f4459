"""What approvals tell the packages above.

Both are sent inside the transaction that closes the request, with `request` (its row is locked) and
`actor` (whose signature decided). A receiver that raises undoes the signature and the decision.
"""

from django.dispatch import Signal

request_approved = Signal()
request_rejected = Signal()
