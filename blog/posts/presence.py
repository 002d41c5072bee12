"""Who has a post open in the editor: noted when the page is opened or saved, and as often as the page says so."""

from typing import Any, TypeVar

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from blog.access import me, requires
from blog.database import db
from blog.models import Can, Presence
from blog.models.presence import BEAT_LASTS
from blog.passing import write_in_passing
from blog.posts import bp
from blog.posts.loading import editable
from blog.web import hour_of_day

T = TypeVar("T")


@bp.post("/write/posts/<int:post_id>/presence")
@requires(Can.WRITE)
def presence(post_id: int) -> ResponseReturnValue:
    """The page says that it is still open, or that it closes; and hears who else is there."""
    post = editable(post_id, whole=False)
    if request.form.get("leaving"):
        Presence.end(post.id, me().id)
    else:
        Presence.note(post.id, me().id, lasts=BEAT_LASTS)
    db.session.commit()
    return jsonify(presence=others_at(post_id))


def others_at(post_id: int) -> list[dict[str, Any]]:
    """Who else is there, as scripts are told."""
    return [{"name": one.user.name, "since": hour_of_day(one.since)} for one in Presence.others(post_id, but=me())]


def opened(post_id: int, answer: T) -> T:
    """The same answer, when it is noted that this person has the post open. Never fails, and hardly ever waits."""
    person_id = me().id
    write_in_passing(lambda: Presence.note(post_id, person_id))
    return answer
