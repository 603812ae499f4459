"""What responsibilities tell the world; nobody here knows who listens.

`changed`: sent inside the transaction of a change, with `event` (one of the names below), `subject`
(the Matrix, the Team, or the person whose absence or deputies changed), `actor` (a user or None) and `data`
(what changed). A receiver that raises undoes the change.
`refused`: sent after the refused transaction has been left, with the same and `reasons`.
"""

from django.dispatch import Signal

MATRIX_CREATED = "raci.matrix.created"
# `data`: number, reason, changes (sentences), digest, removed_roles and removed_activities;
# what depends on an activity refuses its removal by raising from here.
MATRIX_REVISED = "raci.matrix.revised"
# `data`: number, of the version that new matrices begin with; None is the setting's template.
DEFAULT_CHOSEN = "raci.default.chosen"
# `data`: role, user and, where they come or go as a member of a team, `team`.
HOLDER_ASSIGNED = "raci.holder.assigned"
HOLDER_UNASSIGNED = "raci.holder.unassigned"
# With the matrix as subject; `data`: role, team, and `people`, who came or went with it.
TEAM_ASSIGNED = "raci.team.assigned"
TEAM_UNASSIGNED = "raci.team.unassigned"
# With the team as subject; each matrix in which a member comes or goes is told on its own.
TEAM_CREATED = "raci.team.created"
TEAM_DELETED = "raci.team.deleted"
MEMBER_ADDED = "raci.team.member_added"
MEMBER_REMOVED = "raci.team.member_removed"
DEPUTY_NAMED = "raci.deputy.named"
DEPUTY_ENDED = "raci.deputy.ended"
ABSENCE_ENTERED = "raci.absence.entered"
ABSENCE_ENDED = "raci.absence.ended"
HANDED_OVER = "raci.handed_over"
DUTIES_ACCEPTED = "raci.duties.accepted"

changed = Signal()
refused = Signal()
