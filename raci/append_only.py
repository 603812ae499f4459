"""Triggers by which PostgreSQL itself keeps the history of responsibilities."""

import pgtrigger

_RAISE = (
    "RAISE EXCEPTION '% keeps history: rows are only added, never changed', TG_TABLE_NAME "
    "USING ERRCODE = 'restrict_violation';"
)


def append_only_triggers() -> list[pgtrigger.Trigger]:
    """Rows may be added, never changed, removed or truncated away."""
    return [
        pgtrigger.Trigger(
            name="keep_rows",
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete,
            func=_RAISE,
        ),
        pgtrigger.Trigger(  # TRUNCATE fires no row trigger, so it needs one of its own
            name="keep_table",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func=_RAISE,
        ),
    ]
