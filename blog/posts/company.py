"""What the editor page says of others: who is there, who was asked for a review, and which guests may look."""

from typing import Any

from blog.access import me
from blog.database import db
from blog.models import Post, Presence, PreviewLink, Review
from blog.posts.company_forms import AskForm, PreviewLinkForm

MOST = 5  # reviews that the panel names; their page names all


def company_of(post: Post) -> dict[str, Any]:
    reviews = db.session.scalars(Review.of_post(post).limit(MOST + 1)).all()
    approvals = Review.approvals(post)
    return {
        "present": Presence.others(post.id, but=me()),
        "links": [link for link in db.session.scalars(PreviewLink.to(post)) if link.is_good],
        "link_form": PreviewLinkForm(post, sent=False),
        "reviews": reviews[:MOST],
        "more_reviews": len(reviews) > MOST,
        "approved": next(((number, approvals[number]) for number in sorted(approvals, reverse=True)), None),
        "ask_form": AskForm(formdata=None),
    }
