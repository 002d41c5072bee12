"""Where this site is, for whoever is not reading it just now: in letters, and in the links that commands print."""

from flask import current_app


def home() -> str:
    """SITE_URL; without it, this very machine.

    Never the name that a request calls us by: whoever asks for somebody's letter would choose where its link leads.
    """
    config = current_app.config
    return config["SITE_URL"] or f"http://127.0.0.1:{config['PORT']}"
