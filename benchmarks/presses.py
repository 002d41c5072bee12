"""What each button of the editor does to a post, as the view that saves it does: see `posts/saving.py`."""

from benchmarks.writers import Sent
from blog.models import Post, User, WorkingCopy
from blog.models.revising import Saved


def save(post: Post, sent: Sent, by: User, copy: WorkingCopy | None) -> Saved:
    return post.revise(base=sent.base, by=by, waits=True, copy=copy, **sent.fields)


def publish(post: Post, sent: Sent, by: User, copy: WorkingCopy | None) -> Saved:
    return post.publish(base=sent.base, by=by, at=sent.at, copy=copy, **sent.fields)


def unpublish(post: Post, sent: Sent, by: User, copy: WorkingCopy | None) -> Saved:
    return post.unpublish(base=sent.base, by=by, copy=copy, **sent.fields)


def put_in_bin(post: Post, sent: Sent, by: User, copy: WorkingCopy | None) -> Saved:
    return post.bin(base=sent.base, by=by, copy=copy, **sent.fields)


def restore(post: Post, sent: Sent, by: User, copy: WorkingCopy | None) -> Saved:
    return post.restore(base=sent.base, by=by, copy=copy, **sent.fields)


PRESSES = {
    "save": save, "publish": publish, "schedule": publish, "unpublish": unpublish, "bin": put_in_bin,
    "restore": restore,
}  # fmt: skip
