"""The Markdown of what is out, for those who would rather read or keep that."""

import yaml
from flask import Response, abort, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import undefer

from blog.access import public, viewer
from blog.database import db
from blog.models import Post
from blog.page_cache import kept
from blog.posts import bp
from blog.web import absolute


@bp.get("/posts/<slug>.md", endpoint="post_source")
@bp.get("/<slug>.md", endpoint="page_source")
@public
@kept()
def source(slug: str) -> ResponseReturnValue:
    post = db.session.scalar(Post.for_a_list(Post.out().where(Post.slug == slug)).options(undefer(Post.body)))
    post = post or Post.renamed_from(slug)
    if post is None:
        abort(404)
    if request.path != f"{post.path}.md":
        return redirect(f"{post.path}.md", 301)
    if not viewer().can_read(post):
        abort(401)  # which asks strangers to sign in
    response = Response(f"---\n{front_matter(post)}---\n\n{post.body}\n", content_type="text/markdown; charset=utf-8")
    response.headers["Link"] = f'<{absolute(post.path)}>; rel="canonical"'
    response.add_etag()
    return response.make_conditional(request)


def front_matter(post: Post) -> str:
    facts = {
        "title": post.headline,
        "date": post.published_at and post.published_at.isoformat(timespec="seconds"),
        "updated": post.edited_at.isoformat(timespec="seconds") if post.edited_later else None,
        "summary": post.summary,
        "authors": [person.name for person in post.byline],
        "tags": [tag.name for tag in post.tags],
        "language": post.language,
        "canonical": post.canonical_url or absolute(post.path),
    }
    told = {name: fact for name, fact in facts.items() if fact}
    return yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=10_000)
