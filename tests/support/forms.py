"""Forms as `multipart/form-data`, written the way official SDKs do."""

BOUNDARY = "----dragoman-0123456789abcdef"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def form(fields: dict[str, str], files: dict[str, bytes], boundary: str = BOUNDARY) -> bytes:
    """The fields, then the files."""
    parts = [_part(boundary, f'form-data; name="{name}"', value.encode()) for name, value in fields.items()]
    parts += [
        _part(boundary, f'form-data; name="{name}"; filename="{name}.bin"', data, "\r\nContent-Type: application/octet-stream")
        for name, data in files.items()
    ]
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def _part(boundary: str, disposition: str, data: bytes, more: str = "") -> bytes:
    return f"--{boundary}\r\nContent-Disposition: {disposition}{more}\r\n\r\n".encode() + data + b"\r\n"
