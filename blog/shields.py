"""What every answer tells the browser to refuse: the headers, and the one policy under which scripts of ours run."""

import secrets

from flask import Flask, Response, g, request, session

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BASE = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; "
)
POLICY = f"{BASE}trusted-types 'none'"
# For a page that asked `assets` for a script: that one runs, with what it imports, and our one policy makes HTML.
WITH_SCRIPTS = BASE + "trusted-types masthead; connect-src 'self'; script-src 'nonce-{}'"
NEVER = (
    "accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection", "local-fonts",
    "magnetometer", "microphone", "midi", "otp-credentials", "payment", "picture-in-picture", "screen-wake-lock",
    "serial", "storage-access", "usb", "web-share", "window-management", "xr-spatial-tracking",
)  # fmt: skip
OURS = ("clipboard-write", "fullscreen", "publickey-credentials-create", "publickey-credentials-get")
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Permissions-Policy": ", ".join([f"{name}=()" for name in NEVER] + [f"{name}=(self)" for name in OURS]),
}
STAY_SECURE = "max-age=63072000; includeSubDomains"
# On signing out, so that neither a copy on the disk nor the Back button shows what was open. Not "storage": a text that
# the server does not have yet is kept on the device, and must outlive a sign-out.
FORGET = '"cache"'


def nonce() -> str:
    """The word by which the page being drawn marks its script. A page that asks for it may run one."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)


def finish(response: Response) -> Response:
    if "nonce" in g and response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", WITH_SCRIPTS.format(g.nonce))
    kind = response.mimetype or ""
    if kind.startswith("text/") or kind.endswith("xml"):  # no reader guesses how the letters are written
        response.mimetype_params.setdefault("charset", "utf-8")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", STAY_SECURE)
    if "Cache-Control" not in response.headers:
        # Asks no database, which may be away. Account pages hold secrets in their very address.
        private = bool(session) or request.method not in SAFE or request.blueprint == "auth"
        response.headers["Cache-Control"] = "no-store" if private else "no-cache"
    return response


def init_app(app: Flask) -> None:
    app.after_request(finish)
