"""The app as a program that tells which other hosts it calls."""

# All that the process looks up or connects to beyond its own machine, a line each, in argv[1].
SERVING = """
import ipaddress, sys
told = open(sys.argv.pop(1), "a", buffering=1)
def is_own(host):
    try:
        address = ipaddress.ip_address(host or "::1")
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified
def hook(event, given):
    if event == "socket.getaddrinfo":
        host = given[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(given[1], tuple):
        host = given[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if not is_own(host):
        told.write(f"{event} {host}\\n")
sys.addaudithook(hook)
import app
sys.exit(app.main(sys.argv[1:]))
"""
