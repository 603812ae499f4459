"""The JSON schema of a policy's text, for editors that complete and check while one types."""

from functools import cache

from governance.policies.document import NAME, PolicyDocument

MEANINGS = {
    "policy": "The name of the policy: lower-case words with hyphens. It never changes.",
    "extends": "Another published policy. All it asks for is taken over; this text may only ask "
    "for more.",
    "base": "true for a policy that applies to no model itself and is there to be extended.",
    "applies_to": "For which models the policy is. Exactly one published policy has to apply.",
    "protects": "The aliases and stages that only a cleared version may get.",
    "baseline": "What “baseline” means in a rule.",
    "interval": "What is held against a bound, unless a rule says otherwise: the value (point), "
    "the worse end of its interval (sure), or its better end (not worse).",
    "rules": "What a version must reach. Only must rules decide; warn and note are told.",
    "exceptions": "Whether a red rule may be excepted for a time, and for how long.",
    "card": "By when the model card has to be complete.",
    "approvals": "Who signs, in this order; parallel steps are open together with the one before.",
    "minor_change": "What must be as in the version that serves now, for a change to be minor.",
    "consult": "Whether those with a C in the RACI matrix are asked for advice.",
    "follow_up": "When people are reminded of what waits, to whom it goes on when it is overdue, and "
    "when it ends.",
    "separation": "Who may not vote on their own work.",
    "signature": "In which tiers a signature takes the password and a second factor.",
    "valid_for": "How long a clearance lasts.",
    "lapses_on": "What ends a clearance before its time.",
    "revalidation": "After which time, by tier, a version that serves is validated again, how long "
    "before people are told, and who signs if others than for a release.",
    "retirement": "Who decides that a version retires.",
    "base_models": "Whether a version may build upon any other model, or only upon those its use "
    "case has adopted.",
}
WHOLE = ["rules", "approvals", "valid_for"]


@cache
def json_schema() -> dict:
    """Returns the schema (JSON Schema 2020-12); without the address it is served at."""
    schema = PolicyDocument.model_json_schema(mode="validation")
    for key, meaning in MEANINGS.items():
        if key in schema["properties"]:
            schema["properties"][key]["description"] = meaning
    schema["properties"]["policy"]["pattern"] = f"^{NAME.pattern}$"
    schema["properties"]["extends"] = {
        "type": "string",
        "pattern": f"^{NAME.pattern}$",
        "description": MEANINGS["extends"],
    }
    schema["properties"]["applies_to"] = {
        "$ref": "#/$defs/AppliesTo",
        "description": MEANINGS["applies_to"],
    }
    schema["required"] = ["policy"]
    schema["allOf"] = [
        {"if": {"required": ["extends"]}, "else": {"required": WHOLE}},
        {
            "if": {"properties": {"base": {"const": True}}, "required": ["base"]},
            "then": {"not": {"required": ["applies_to"]}},
            "else": {"required": ["applies_to"]},
        },
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Policy",
        "description": "The rules a version of a model must pass, who must sign, and how long a "
        "clearance lasts.",
    }
