from governance.dashboards.review import Evidence


def field(title, value):
    return {"title": title, "value": value, "kind": "ASK"}


def test_card_texts_stand_in_reading_order_whatever_the_database_kept():
    fields = {
        "limitations": field("Limitations", "Old loans."),
        "intended_use": field("Intended use", "Credit."),
        "overview": field("Overview", ""),
        "digest": field("Artifact digest", "sha256:…"),
    }
    evidence = Evidence({"card": {"sections": {"what": {"fields": fields}}}})

    assert evidence.card_texts == [("Intended use", "Credit."), ("Limitations", "Old loans.")]


def test_rules_that_did_not_pass_stand_first():
    rules = [{"outcome": "pass"}, {"outcome": "fail"}]

    assert Evidence({"blessing": {"rules": rules}}).rules[0] == {"outcome": "fail"}
