"""Triggers by which PostgreSQL itself keeps history; any app's models may carry them."""

import pgtrigger


def append_only_triggers() -> list[pgtrigger.Trigger]:
    """Rows may be added, never changed, removed or truncated away."""
    return [
        _refuse(
            "keep_rows",
            pgtrigger.Update | pgtrigger.Delete,
            "rows are only added, never changed",
        ),
        _keep_table(),
    ]


def frozen_triggers(*fields: str) -> list[pgtrigger.Trigger]:
    """Rows stay, and the named fields keep the value they were created with."""
    return [
        _refuse("keep_rows", pgtrigger.Delete, "its rows are never removed"),
        _refuse(
            "keep_values",
            pgtrigger.Update,
            f"these never change: {', '.join(fields)}",
            condition=pgtrigger.AnyChange(*fields),
        ),
        _keep_table(),
    ]


def _keep_table() -> pgtrigger.Trigger:
    """TRUNCATE fires no row trigger, so it needs one of its own."""
    return pgtrigger.Trigger(
        name="keep_table",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=_raise("the table is never emptied"),
    )


def _refuse(
    name: str,
    operation: pgtrigger.Operation,
    why: str,
    condition: pgtrigger.Condition | None = None,
) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=operation,
        condition=condition,
        func=_raise(why),
    )


def _raise(why: str) -> str:
    return (
        f"RAISE EXCEPTION '% keeps history: {why}', TG_TABLE_NAME "
        "USING ERRCODE = 'restrict_violation';"
    )
