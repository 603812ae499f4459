"""Refuses forms that are longer than any file this server takes, before a byte of them is stored."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class BoundedUploads(FileUploadHandler):
    """The first of the handlers; it looks at the length and leaves the bytes to the others."""

    def handle_raw_input(
        self, input_data: Any, META: dict, content_length: int, *_: Any, **__: Any
    ) -> None:
        if content_length > longest():
            raise RequestDataTooBig("The form is longer than what is read here.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def longest() -> int:
    """An artifact and two files of rows, the most any form sends."""
    files = settings.INFRA_MAX_BYTES + 2 * settings.EVALUATION_MAX_BYTES
    return files + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
