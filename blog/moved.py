"""Where an address leads at which no view found anything: on to what moved, or to a notice that it is gone."""

from urllib.parse import quote

from werkzeug.exceptions import Gone

from blog.models import Post, Redirect
from blog.text import storable

PATH_LIMIT = 500  # no redirect has a longer address
SECRETS = ("/auth/", "/setup/")  # nothing to be found below these by another spelling
SPELLED = "/:@!$&'()*+,;=~"  # browsers skip a bare tab, and /<tab>/ is a host
TARGETED = SPELLED + "?#%"


def is_looked_up(path: str) -> bool:
    """Whether anything of ours can be at this plain path."""
    return len(path) <= PATH_LIMIT and storable(path) == path and not path.startswith(SECRETS)


def onward(path: str) -> str | None:
    """Where what once was at this plain path is now, ready for a Location header.

    Raises Gone where readers could once find something that has been taken back since.
    """
    moved = Redirect.of(path)
    if moved and (target := moved.leads_to):
        return quote(target, safe=TARGETED)
    post = moved.post if moved and moved.post else Post.at(path)
    if post is None:
        return None
    if post.was_taken_back:
        raise Gone
    ending = ".md" if path.endswith(".md") and not moved else ""
    return quote(post.path + ending, safe=SPELLED) if post.is_live and post.path + ending != path else None
