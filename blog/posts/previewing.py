"""The page a post would have, were this its content. Nothing is saved."""

from flask import render_template

from blog.database import db
from blog.models import Post, Tag, Visibility
from blog.models.content import Content
from blog.models.tag import address_of
from blog.posts.reading import page_of_post


def page_of_content(post: Post, content: Content, *, is_guest: bool = False) -> str:
    """The page of the post with this content in place of its own. The post is let go of: it can no longer be saved.

    A guest has been let in by a link, and so reads on where a stranger could not.
    """
    shown = dressed_as(post, content)
    if shown.is_page:
        return render_template("posts/page.html", post=shown, is_preview=True, is_guest=is_guest)
    return page_of_post(shown, is_preview=True, is_guest=is_guest)


def dressed_as(post: Post, content: Content) -> Post:
    _ = post.author, post.co_authors, post.tags  # loaded, before it goes its own way
    db.session.expunge(post)
    for name, value in content.items():
        if name == "tags":
            value = [Tag(name=tag, slug=address_of(tag)) for tag in value if address_of(tag)]
        setattr(post, name, Visibility(value) if name == "visibility" else value)
    return post
