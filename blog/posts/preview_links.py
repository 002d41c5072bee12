"""Preview links: for people without an account, made and revoked at the desk, opened without signing in."""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import undefer

from blog.access import me, public, requires
from blog.database import db
from blog.models import Can, Post, PreviewLink, PreviewUse, Revision, Shows, WorkingCopy
from blog.models.content import Content
from blog.passing import write_in_passing
from blog.posts import bp
from blog.posts.company_forms import PreviewLinkForm
from blog.posts.forms import PostForm
from blog.posts.loading import editable
from blog.posts.previewing import page_of_content
from blog.web import absolute


@bp.get("/write/posts/<int:post_id>/preview-links")
@requires(Can.WRITE)
def preview_links(post_id: int) -> ResponseReturnValue:
    post = editable(post_id)
    return list_of_links(post, PreviewLinkForm(post, sent=False))


@bp.post("/write/posts/<int:post_id>/preview-links")
@requires(Can.WRITE)
def make_preview_link(post_id: int) -> ResponseReturnValue:
    post = editable(post_id, lock=True)
    form = PreviewLinkForm(post)
    if not form.validate():
        return list_of_links(post, form), 422
    shows = Shows(form.shows.data)
    secret = PreviewLink.make(
        post, shows, days=form.days.data or 1, by=me(), uid=form.uid_sent, number=form.revision_number
    )
    db.session.commit()
    if not secret:
        flash("This link is made already. Its address was shown then, and is kept nowhere: make another if it is lost.")
        return redirect(url_for(".preview_links", post_id=post_id))
    address = absolute(url_for(".guest_preview", secret=secret))
    return render_template("posts/preview_link.html", post=post, address=address, days=form.days.data), 201


@bp.post("/write/posts/<int:post_id>/preview-links/<int:link_id>/revocation")
@requires(Can.WRITE)
def revoke_preview_link(post_id: int, link_id: int) -> ResponseReturnValue:
    post = editable(post_id, lock=True)
    link = db.first_or_404(select(PreviewLink).where(PreviewLink.id == link_id, PreviewLink.post_id == post.id))
    link.revoke(by=me())
    db.session.commit()
    flash("Revoked. The link opens nothing any more.")
    return redirect(url_for(".preview_links", post_id=post_id))


def list_of_links(post: Post, form: PreviewLinkForm) -> str:
    links = db.session.scalars(PreviewLink.to(post)).all()
    return render_template(
        "posts/preview_links.html", post=post, links=links, link_form=form, uses=PreviewUse.newest(post)
    )


# For guests


class UnsentForm(PostForm):
    """The form of a post, to read what somebody else has typed: it is nobody's here, and needs no token."""

    class Meta(PostForm.Meta):
        csrf = False


@bp.get("/preview/<secret>")
@public
def guest_preview(secret: str) -> ResponseReturnValue:
    """What the link shows, or the post itself once it is live. Every other secret is answered alike."""
    link = PreviewLink.of(secret) or abort(404)
    link_id, origin, is_visit = link.id, request.remote_addr or "", request.method == "GET"
    post: Post = db.first_or_404(select(Post).where(Post.id == link.post_id).options(undefer(Post.body)))
    if post.is_live:
        response = make_response(redirect(post.path))
    else:
        response = make_response(page_of_content(post, shown_by(link, post), is_guest=True))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"  # the secret stands in the address
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    if is_visit:
        write_in_passing(lambda: PreviewLink.use(link_id, origin=origin))
    return response


def shown_by(link: PreviewLink, post: Post) -> Content:
    if link.shows is Shows.revision:
        return (Revision.of(post, link.number) or abort(404)).content
    copies = WorkingCopy.left(post, link.by) if link.shows is Shows.copy else []
    if not copies:
        return post.newest
    form = UnsentForm(post, kind=post.kind, typed=copies[0].typed)
    form.validate()
    return post.newest | form.sound_content()
