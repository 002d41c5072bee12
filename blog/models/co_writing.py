"""Those who write a post together with its owner: named by the owner or an admin, and free to leave."""

from blog.models.audit import record
from blog.models.post import Post
from blog.models.presence import Presence
from blog.models.rights import Can
from blog.models.user import User

MOST = 20
CHANGED = "co-authors changed"


class CoAuthorError(ValueError):
    """That person cannot write the post with its owner. The text is for whoever asked."""


def name_co_author(post: Post, person: User, *, by: User | None) -> bool:
    """Let the person write the post too. False where they do already. Raises CoAuthorError.

    Load the post with a lock. The caller commits.
    """
    if person.id == post.author_id:
        raise CoAuthorError(f"{person.name} owns this post.")
    if not person.can(Can.WRITE):
        raise CoAuthorError(f"{person.name} may not write posts.")
    if len(post.co_authors) >= MOST:
        raise CoAuthorError(f"A post has at most {MOST} co-authors.")
    if person in post.co_authors:
        return False
    post.revise(base=post.revision, by=by, waits=True, what=CHANGED, co_authors=[*post.co_authors, person])
    record("named as co-author", by=by, about=person, post=post.id, title=post.headline)
    return True


def remove_co_author(post: Post, person: User, *, by: User | None) -> bool:
    """From the next request on the person may no more than anybody else. False where they were none."""
    if person not in post.co_authors:
        return False
    others = [other for other in post.co_authors if other is not person]
    post.revise(base=post.revision, by=by, waits=True, what=CHANGED, co_authors=others)
    Presence.end(post.id, person.id)
    record("removed as co-author", by=by, about=person, post=post.id, title=post.headline)
    return True
