"""Advice that does not come in time is silence: noted once, shown, and never a consent."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from governance.approvals import services, silence
from governance.approvals.models import Consultation
from governance.audit.events import Event
from governance.audit.models import Entry
from raci.models import Holder
from tests.approvals.factories import RELEASE, open_request, person, sign, story
from tests.approvals.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

LATER = timedelta(days=4)


def asked():
    """Sam is asked for advice, and nobody else."""
    told = story(steps=(RELEASE,))
    for one in Holder.objects.filter(user=person("rui")):
        one.delete()
    return open_request(told).consultations.get()


def note(after=LATER):
    return silence.note_silence(timezone.now() + after)


def test_silence_is_noted_once_when_the_due_date_has_passed():
    consultation = asked()

    assert [note(timedelta(days=2)), note(), note()] == [0, 1, 0]

    consultation.refresh_from_db()
    assert consultation.silent_at > consultation.due_at
    [entry] = Entry.objects.filter(event=Event.SILENT)
    assert (entry.data["person"], entry.actor_name) == ("Sam", "Imprimatur")


def test_silence_changes_nothing_about_the_request():
    request = asked().request
    note()

    request.refresh_from_db()
    assert (request.state, request.steps.filter(votes__isnull=False).count()) == ("open", 0)


def test_late_advice_is_taken_and_marked_late():
    consultation = asked()
    note()

    services.advise(consultation, actor=person("sam"), advice="Mind the young applicants.")

    consultation.refresh_from_db()
    assert consultation.silent_at
    consultation.answered_at = consultation.due_at + timedelta(hours=1)
    assert consultation.is_late


def test_who_advised_in_time_was_not_silent():
    consultation = asked()
    services.advise(consultation, actor=person("sam"), advice="Mind the young applicants.")

    assert note() == 0
    consultation.refresh_from_db()
    assert not consultation.is_late


def test_nothing_is_noted_of_a_request_that_is_decided():
    consultation = asked()
    sign(consultation.request, "bo", decision="reject")

    assert note() == 0


def test_two_workers_note_it_once():
    asked()

    assert sorted(at_once(note, note)) == [0, 1]
    assert Entry.objects.filter(event=Event.SILENT).count() == 1


def test_postgresql_keeps_what_was_noted():
    consultation = asked()
    note()

    with pytest.raises(DatabaseError), transaction.atomic():
        Consultation.objects.filter(pk=consultation.pk).update(silent_at=None)
