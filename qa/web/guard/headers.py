"""What binds browsers, on every response of every way in, the first second included."""

# Of whichever page says so, the listed sites are told instead.
FRAMED = "frame-ancestors 'self'"
# Nothing runs, loads or is sent anywhere but what this server itself holds as a file.
STRICT_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    f"base-uri 'none'; form-action 'none'; {FRAMED}"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": STRICT_CSP,
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
