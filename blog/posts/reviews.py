"""Reviews: asked for at the post, read and answered on a page of their own."""

from typing import Any
from uuid import uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from blog import mail
from blog.access import me, requires, viewer
from blog.database import db
from blog.markdown import render
from blog.models import Can, Post, Review, ReviewComment, ReviewError, User, Verdict
from blog.models.review_comment import paragraphs
from blog.models.user import lowered
from blog.paging import page_of
from blog.posts import bp
from blog.posts.company_forms import AskForm, CommentForm, VerdictForm
from blog.posts.loading import editable

REVIEWS_SIZE = 25


@bp.get("/write/reviews")
@requires(Can.WRITE)
def reviews() -> ResponseReturnValue:
    """Those I am asked for; or those I have asked for."""
    mine = request.args.get("whose") == "mine"
    found = Review.wanted_by(me()) if mine else Review.asked_of(me())
    page = page_of(found, (Review.id,), size=REVIEWS_SIZE, args=request.args)
    return render_template("posts/reviews.html", page=page, mine=mine)


@bp.get("/write/posts/<int:post_id>/reviews")
@requires(Can.WRITE)
def reviews_of_post(post_id: int) -> ResponseReturnValue:
    return list_of_reviews(editable(post_id, whole=False), AskForm(formdata=None))


@bp.post("/write/posts/<int:post_id>/reviews")
@requires(Can.WRITE)
def ask_for_review(post_id: int) -> ResponseReturnValue:
    """Of the text as it was last saved."""
    post = editable(post_id, lock=True)
    form = AskForm()
    reviewer = User.writer_at(form.email.data or "")
    try:
        if not form.validate() or reviewer is None:
            raise ReviewError(f"Nobody who writes here has the address “{lowered(form.email.data or '')}”.")
        asked = Review.ask(post, reviewer, by=me(), note=form.note.data or "")
    except ReviewError as refusal:
        if not form.errors:
            form.refuse("email", str(refusal))
        return list_of_reviews(post, form), 422
    if asked:
        mail.write("review-asked", to=reviewer.email, by=me(), post=post, note=asked.note, link=address_of(asked))
    db.session.commit()
    flash(f"{reviewer.name} is asked to review revision {post.revision}{'' if asked else ' already'}.")
    return redirect(url_for(".edit", post_id=post_id, _anchor="reviews"))


def list_of_reviews(post: Post, form: AskForm) -> str:
    page = page_of(Review.of_post(post), (Review.id,), size=REVIEWS_SIZE, args=request.args)
    return render_template("posts/reviews_of_post.html", post=post, page=page, ask_form=form)


# One review


@bp.get("/write/reviews/<int:review_id>")
@requires(Can.WRITE)
def review(review_id: int) -> ResponseReturnValue:
    found = readable(review_id)
    return page_of_review(found, CommentForm(formdata=None, data=place_asked_for()), VerdictForm(formdata=None))


@bp.post("/write/reviews/<int:review_id>/comments")
@requires(Can.WRITE)
def comment(review_id: int) -> ResponseReturnValue:
    found, form = readable(review_id, lock=True), CommentForm()
    if form.validate():
        add_comment(found, form)
    if form.errors:
        return page_of_review(found, form, VerdictForm(formdata=None)), 422
    db.session.commit()
    flash("Your comment is here.")
    return redirect(url_for(".review", review_id=review_id, _anchor="site-comments"))


def add_comment(found: Review, form: CommentForm) -> None:
    """Say what the form says, or mark the field in which it names no place of the text."""
    number, quote, words = form.paragraph_number, form.quote.data or "", form.words.data or ""
    try:
        ReviewComment.add(found, words, by=me(), uid=form.uid_sent, paragraph=number, quote=quote)
    except ReviewError as refusal:
        form.refuse("quote" if quote else "words" if number is None else "paragraph", str(refusal))


@bp.post("/write/reviews/<int:review_id>/comments/<int:comment_id>/resolution")
@requires(Can.WRITE)
def resolve_comment(review_id: int, comment_id: int) -> ResponseReturnValue:
    """Settle what a comment says; or, asked to, open it again."""
    found = readable(review_id, lock=True)
    of_this = select(ReviewComment).where(ReviewComment.id == comment_id, ReviewComment.review_id == found.id)
    said: ReviewComment = db.first_or_404(of_this)
    said.reopen() if request.form.get("reopened") else said.resolve(by=me())
    db.session.commit()
    return redirect(url_for(".review", review_id=review_id, _anchor=f"site-c{comment_id}"))


@bp.post("/write/reviews/<int:review_id>/verdict")
@requires(Can.WRITE)
def give_verdict(review_id: int) -> ResponseReturnValue:
    found, form = readable(review_id, lock=True), VerdictForm()
    if not found.is_of(me()):
        abort(403)
    if not form.validate():
        return page_of_review(found, CommentForm(formdata=None, data=place_asked_for()), form), 422
    if found.decide(Verdict(form.verdict.data), form.words.data or "", by=me()):
        tell_who_asked(found)
    db.session.commit()
    flash(f"Revision {found.number} is {found.state}.")
    return redirect(url_for(".review", review_id=review_id))


def tell_who_asked(found: Review) -> None:
    asker = found.asked_by
    if asker is not None and asker.is_active and asker.can_edit(found.post):
        mail.write("review-decided", to=asker.email, by=me(), review=found, link=address_of(found))


def address_of(review: Review) -> str:
    return url_for(".review", review_id=review.id)


@bp.post("/write/reviews/<int:review_id>/closing")
@requires(Can.WRITE)
def close_review(review_id: int) -> ResponseReturnValue:
    """By those who may edit the post: the reviewer can then no longer read it."""
    found = readable(review_id, lock=True)
    if not me().can_edit(found.post):
        abort(403)
    was_decided = found.verdict is not None
    found.end(by=me())
    db.session.commit()
    flash("The review is closed." if was_decided else "The review is withdrawn.")
    return redirect(url_for(".reviews_of_post", post_id=found.post_id))


def readable(review_id: int, *, lock: bool = False) -> Review:
    """The review, if the person may read it: 404 where the post is a secret, 403 where everybody knows of it."""
    wanted = Review.dressed().where(Review.id == review_id)
    found: Review = db.first_or_404(wanted.with_for_update(of=Review) if lock else wanted)
    if not found.is_open_to(me()):
        abort(403 if found.post.is_live else 404)
    return found


def place_asked_for() -> dict[str, str]:
    """Where a new comment begins: at the paragraph that the address names."""
    return {"uid": str(uuid4()), "paragraph": request.args.get("paragraph", "")[:9]}


def page_of_review(found: Review, comment_form: CommentForm, verdict_form: VerdictForm) -> str:
    said = ReviewComment.of(found)
    return render_template(
        "posts/review.html",
        review=found,
        then=found.revision,
        html=render(found.revision.body).html,
        passages=paragraphs(found.revision.body),
        beside={number: [one for one in said if one.paragraph == number] for number in {one.paragraph for one in said}},
        comments=said,
        comment_form=comment_form,
        verdict_form=verdict_form,
        may_decide=found.is_of(me()),
        may_edit=me().can_edit(found.post),
    )


@bp.app_context_processor
def words_for_templates() -> dict[str, Any]:
    """How many reviews wait for whoever looks, which the head of the desk asks."""
    return {"reviews_waiting": lambda: Review.number_waiting_for(me()) if viewer().can(Can.WRITE) else 0}
