"""A multipart/form-data body (RFC 7578) taken apart, by the standard library's reader of mail. Rule: files keep their bytes."""

from email.parser import BytesParser
from email.policy import HTTP

from msgspec import Struct, field

from dragoman.sandbox.reply import Incoming


class Upload(Struct, frozen=True):
    name: str
    mime: str
    data: bytes


class Form(Struct, frozen=True):
    """`fields`: the last value of each name. `files`: by the name of their field."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)


def read_form(call: Incoming) -> Form | None:
    """The form; None where the body is none."""
    kind = call.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        return None
    message = BytesParser(policy=HTTP).parsebytes(b"content-type: %b\r\n\r\n" % kind.encode("latin-1", "replace") + call.body)
    form = Form()
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(data, bytes):
            continue
        filename = part.get_filename()
        if filename is None:
            form.fields[name] = data.decode("utf-8", "replace")
        else:
            form.files[name] = Upload(filename, part.get_content_type(), data)
    return form
