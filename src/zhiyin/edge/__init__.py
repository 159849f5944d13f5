"""The ASGI face of the log process: intake, readiness and the way through to the web process."""
