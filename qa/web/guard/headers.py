"""Security headers of every response, from the first second on."""

# In pages that have it, the listed sites replace it.
FRAMED = "frame-ancestors 'self'"
# Nothing runs, loads or is sent anywhere except files of this server.
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
