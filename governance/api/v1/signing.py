"""What confirms a signature over REST: a signature is a person's and not a token's."""

from rest_framework import serializers


class ConfirmedSerializer(serializers.Serializer):
    """One of the two, or both where the policy asks for a second factor; passkeys sign in the browser."""

    password = serializers.CharField(
        required=False,
        trim_whitespace=False,
        write_only=True,
        max_length=4096,
        help_text="The person's own, once more.",
    )
    code = serializers.CharField(
        required=False,
        write_only=True,
        max_length=20,
        help_text="Six digits of their authenticator app; each code confirms once.",
    )
