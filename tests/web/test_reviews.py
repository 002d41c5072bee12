"""Reviews: a colleague reads one revision, comments beside its words, and approves or returns it."""

import json
from datetime import timedelta

import pytest
from factories import a_page, a_post, a_user, an_admin, an_editor
from looking import fault, filled, link, page, rewrite, words
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Review, ReviewComment, ReviewError, Revision, UserRole, Verdict

ASK = 'form[action$="/reviews"]'
COMMENT = 'form[action$="/comments"]'
BODY = "The *first* thing.\n\nThe second\nthing.\n\n- a list\n- [of two](https://example.org)\n"


@pytest.fixture
def grace(db):
    return an_editor(name="Grace", email="grace@example.com")


@pytest.fixture
def reviewer(grace, sign_in):
    return sign_in(grace)


@pytest.fixture
def draft(ada):
    return a_post(by=ada, title="Tides", body=BODY)


@pytest.fixture
def asked(draft, ada, grace):
    """The address of a review that Ada asks of Grace."""
    return f"/write/reviews/{Review.ask(draft, grace, by=ada, note='Is it true?').id}"


def ask(browser, post, **typed):
    sent = filled(browser.get(f"/write/posts/{post.id}"), ASK)
    return browser.post(f"/write/posts/{post.id}/reviews", data=sent | typed)


def comment(browser, path, **typed):
    return browser.post(f"{path}/comments", data=filled(browser.get(path), COMMENT) | typed)


def decide(browser, path, verdict="approved", **typed):
    return browser.post(f"{path}/verdict", data={"verdict": verdict, "words": ""} | typed)


def only(model):
    the_db.session.expire_all()
    return the_db.session.scalars(select(model)).one()


def number_of(model) -> int:
    return len(the_db.session.scalars(select(model)).all())


def acts() -> list[str]:
    return list(the_db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


# Asking


def test_a_colleague_is_asked_for_a_review_of_the_newest_revision(desk, reviewer, draft, ada, grace):
    rewrite(desk, draft.id, body="Second.")
    answer = ask(desk, draft, email="GRACE@example.com ", note="Is it true?")
    assert "Grace is asked to review revision 2." in words(desk.get(answer.location))
    review = only(Review)
    assert (review.number, review.asked_by, review.reviewer, review.note) == (2, ada, grace, "Is it true?")
    assert acts()[-1] == "asked for a review of"
    listed = reviewer.get("/write/reviews")
    assert "Tides" in words(listed)
    assert "asked by Ada" in words(listed)
    assert "Asked Tides" in words(desk.get("/write/reviews?whose=mine"))
    assert "Nobody waits" in words(desk.get("/write/reviews"))


def test_asking_twice_asks_once(desk, draft, grace):
    for _ in range(2):
        answer = ask(desk, draft, email=grace.email)
        assert answer.status_code == 302
    assert "already" in words(desk.get(answer.location))
    assert number_of(Review) == 1
    assert acts() == ["asked for a review of"]


def test_two_reviews_of_one_revision_by_one_person_never_run_side_by_side(db, draft, ada, grace):
    same = {"post_id": draft.id, "number": 1, "asked_by_id": ada.id, "reviewer_id": grace.id}
    db.session.add_all([Review(**same, ended_at=utcnow()), Review(**same)])
    db.session.flush()
    db.session.add(Review(**same))
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.flush()


@pytest.mark.parametrize("number", [0, 2])
def test_a_review_is_of_a_revision_that_there_is(db, draft, grace, number):
    db.session.add(Review(post_id=draft.id, number=number, reviewer_id=grace.id))
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.flush()


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("nobody@example.com", "Nobody who writes here has the address “nobody@example.com”."),
        ("", "Type the address of a colleague."),
        ("me@example.com", "You cannot review for yourself. Ask somebody else."),
        ("viewer@example.com", "Nobody who writes here has the address “viewer@example.com”."),
        ("closed@example.com", "Nobody who writes here has the address “closed@example.com”."),
        ("<b>@example.com", "Nobody who writes here has the address “<b>@example.com”."),
    ],
)
def test_only_somebody_else_who_writes_here_can_be_asked(desk, ada, draft, email, reason):
    ada.email = "me@example.com"
    a_user(name="Vera", email="viewer@example.com")
    an_editor(name="Carl", email="closed@example.com", is_active=False)
    answer = ask(desk, draft, email=email, note="Kept, all of it.")
    assert answer.status_code == 422
    assert fault(answer, "email") == reason
    assert filled(answer, ASK)["note"] == "Kept, all of it."
    assert number_of(Review) == 0


def test_a_note_that_is_too_long_is_refused_and_kept(desk, draft, grace):
    answer = ask(desk, draft, email=grace.email, note="x" * 2001)
    assert fault(answer, "note") == "At most 2,000 characters; this has 2,001."
    assert filled(answer, ASK)["note"] == "x" * 2001


def test_nothing_in_the_bin_is_reviewed(db, desk, draft, ada, grace):
    draft.bin(base=1, by=ada)
    answer = desk.post(f"/write/posts/{draft.id}/reviews", data={"email": grace.email})
    assert (answer.status_code, number_of(Review)) == (422, 0)


# Reading


def test_the_reviewer_reads_that_revision_as_readers_would_and_in_markdown(reviewer, asked):
    answer = reviewer.get(asked)
    assert page(answer).select_one(".prose em").text == "first"
    assert [passage.text for passage in page(answer).select(".passage")] == [
        "The *first* thing.",
        "The second\nthing.",
        "- a list\n- [of two](https://example.org)",
    ]
    assert "Is it true?" in words(answer)
    assert link(answer, "Back to the text") is None


def test_a_reviewer_reads_no_other_revision_and_can_change_nothing(desk, reviewer, draft, asked):
    rewrite(desk, draft.id, title="Secret title", body="Secret words.")
    assert "Secret" not in reviewer.get(asked).text
    assert "Secret" not in reviewer.get("/write/reviews").text
    at = f"/write/posts/{draft.id}"
    for below in (
        "",
        "/revisions",
        "/revisions/1",
        "/comparison?from=1&to=2",
        "/preview",
        "/preview-links",
        "/reviews",
    ):
        assert reviewer.get(at + below).status_code == 404, below
    for below in ("", "/publication", "/bin", "/working-copy", "/presence", "/author", "/copies", "/reviews"):
        assert reviewer.post(at + below, data={"title": "X", "base": "2", "seq": "1"}).status_code == 404, below
    assert only(Review).post.title == "Secret title"


@pytest.mark.parametrize("live", [False, True])
def test_a_review_is_for_the_reviewer_and_those_who_may_edit_the_post(client, sign_in, ada, grace, live):
    post, with_ada = a_post(by=ada, live=live), an_editor()
    post.co_authors.append(with_ada)
    at = f"/write/reviews/{Review.ask(post, grace, by=ada).id}"
    ReviewComment.add(only(Review), "Hm.", by=grace, uid=post.uid)
    the_db.session.flush()
    said = only(ReviewComment).id
    calls = {"": "GET", "/comments": "POST", f"/comments/{said}/resolution": "POST"}
    for below, method in (calls | {"/verdict": "POST", "/closing": "POST"}).items():
        stranger = client.open(at + below, method=method)
        assert stranger.status_code == (302 if method == "GET" else 401)
        assert sign_in(a_user()).open(at + below, method=method).status_code == 403
        assert sign_in(an_editor()).open(at + below, method=method).status_code == (403 if live else 404)
    for person in (grace, ada, with_ada, an_admin()):
        for below, method in calls.items():
            assert sign_in(person).open(at + below, method=method).status_code in (200, 302, 422), below
    for person in (ada, with_ada, an_admin()):
        assert decide(sign_in(person), at).status_code == 403
    assert sign_in(grace).post(f"{at}/closing").status_code == 403


def test_only_those_who_may_edit_the_post_ask_and_see_who_was_asked(client, sign_in, ada):
    for live in (False, True):
        path = f"/write/posts/{a_post(by=ada, live=live).id}/reviews"
        assert client.get(path).location.startswith("/auth/login")
        assert client.post(path).status_code == 401
        for method in ("GET", "POST"):
            assert sign_in(a_user()).open(path, method=method).status_code == 403
            assert sign_in(an_editor()).open(path, method=method).status_code == (403 if live else 404)
            assert sign_in(an_admin()).open(path, method=method).status_code in (200, 422)


@pytest.mark.parametrize("loss", ["withdrawn", "closed", "role", "account", "bin"])
def test_the_right_to_look_ends_with_the_review_or_the_role(desk, reviewer, draft, asked, grace, loss):
    assert reviewer.get(asked).status_code == 200
    if loss == "closed":
        decide(reviewer, asked)
    if loss in ("withdrawn", "closed"):
        assert desk.post(f"{asked}/closing").status_code == 302
    elif loss == "bin":
        desk.post(f"/write/posts/{draft.id}/bin", data={"base": "1"})
    elif loss == "role":
        grace.role = UserRole.viewer
    else:
        grace.is_active = False
    answers = [reviewer.get(asked), comment_unseen(reviewer, asked), decide(reviewer, asked)]
    assert {answer.status_code for answer in answers} <= {302, 401, 403, 404}
    assert all("The second" not in answer.text for answer in answers)
    assert number_of(ReviewComment) == 0
    if loss in ("withdrawn", "closed"):
        assert "Tides" not in words(reviewer.get("/write/reviews"))
        assert desk.get(asked).status_code == 200


def comment_unseen(browser, path):
    return browser.post(f"{path}/comments", data={"words": "Late."})


def test_withdrawing_twice_withdraws_once(desk, asked):
    for _ in range(2):
        assert desk.post(f"{asked}/closing").status_code == 302
    assert acts() == ["asked for a review of", "withdrew the review of"]


def test_after_it_was_withdrawn_the_same_can_be_asked_again(desk, draft, asked, grace):
    desk.post(f"{asked}/closing")
    ask(desk, draft, email=grace.email)
    assert number_of(Review) == 2


def test_whoever_no_longer_writes_the_post_no_longer_sees_the_reviews_they_asked_for(sign_in, ada, draft, asked):
    draft.revise(base=1, by=None, author=an_editor())
    assert "Tides" not in words(sign_in(ada).get("/write/reviews?whose=mine"))
    assert sign_in(ada).get(asked).status_code == 404


# Comments


def test_a_comment_stands_beside_its_passage(reviewer, desk, asked):
    assert comment(reviewer, asked, quote="second thing", words="Which one?").status_code == 302
    said = only(ReviewComment)
    assert (said.paragraph, said.quote, said.words) == (2, "second thing", "Which one?")
    beside = page(desk.get(asked)).select_one("#site-p2")
    assert "Which one?" in beside.get_text()
    assert "Grace" in beside.get_text()


def test_or_beside_a_paragraph_or_on_the_whole(reviewer, asked):
    follow = page(reviewer.get(f"{asked}?paragraph=3"))
    assert follow.select_one("[name=paragraph]")["value"] == "3"
    comment(reviewer, asked, paragraph="3", words="Two?")
    comment(reviewer, asked, words="Good.")
    answer = page(reviewer.get(asked))
    assert "Two?" in answer.select_one("#site-p3").get_text()
    assert "Good." in answer.select_one("#site-comments").get_text()


@pytest.mark.parametrize("quote", ["The first thing.", "a list of two", "THE   FIRST", "[of two](https://example.org)"])
def test_words_are_found_as_they_are_copied_from_either_form_of_the_text(reviewer, asked, quote):
    assert comment(reviewer, asked, quote=quote, words="Here.").status_code == 302


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"words": ""}, "words"),
        ({"words": " \n "}, "words"),
        ({"words": "x" * 2001}, "words"),
        ({"paragraph": "4"}, "paragraph"),
        ({"paragraph": "0"}, "paragraph"),
        ({"paragraph": "two"}, "paragraph"),
        ({"paragraph": "9" * 40}, "paragraph"),
        ({"quote": "no such words"}, "quote"),
        ({"quote": "**"}, "quote"),
        ({"quote": "thing. The second"}, "quote"),
        ({"quote": "x" * 501}, "quote"),
    ],
)
def test_a_comment_on_nothing_is_refused_beside_the_field_and_kept(reviewer, asked, typed, field):
    answer = comment(reviewer, asked, **{"words": "Typed with care."} | typed)
    assert answer.status_code == 422
    assert fault(answer, field)
    assert filled(answer, COMMENT)[field] == typed[field]
    assert number_of(ReviewComment) == 0


def test_the_same_comment_sent_twice_is_one(reviewer, asked):
    sent = filled(reviewer.get(asked), COMMENT) | {"words": "Once."}
    for _ in range(2):
        assert reviewer.post(f"{asked}/comments", data=sent).status_code == 302
    assert number_of(ReviewComment) == 1


def test_comments_are_resolved_and_reopened_by_both_sides_and_each_press_counts_once(desk, reviewer, asked, ada, grace):
    comment(reviewer, asked, words="Why?")
    path = f"{asked}/comments/{only(ReviewComment).id}/resolution"
    for browser in (desk, desk, reviewer):
        assert browser.post(path).status_code == 302
    assert only(ReviewComment).resolved_by is ada
    assert "resolved by Ada" in words(reviewer.get(asked))
    for _ in range(2):
        reviewer.post(path, data={"reopened": "1"})
    assert only(ReviewComment).resolved_at is None
    desk.post(path)
    assert only(ReviewComment).resolved_at


def test_a_comment_is_resolved_in_its_own_review_only(desk, reviewer, asked, draft, ada):
    comment(reviewer, asked, words="Why?")
    other = Review.ask(draft, an_admin(), by=ada).id
    assert desk.post(f"/write/reviews/{other}/comments/{only(ReviewComment).id}/resolution").status_code == 404
    assert desk.post(f"{asked}/comments/999999/resolution").status_code == 404


def test_the_words_of_others_act_on_nobody(desk, reviewer, ada, grace, corpora):
    attacks = [case["payload"] for case in json.loads((corpora / "xss-dompurify/expect.json").read_text())][::12]
    attacks += ["{{ 7*7 }}", "<script>alert(1)</script>", "\u202eabc", "x" * 2000]
    grace.name = "<b>Grace</b>"
    post = a_post(by=ada, title="<script>t</script>", body="\n\n".join(attacks[:20]))
    at = f"/write/reviews/{Review.ask(post, grace, by=ada, note=attacks[0][:2000]).id}"
    for attack in attacks:
        assert comment(reviewer, at, words=attack[:2000]).status_code == 302
    decide(reviewer, at, words=attacks[1][:2000])
    plain = page(desk.get(at))
    assert not plain.select("main script, iframe, object, embed, style, base, main form[action^='http']")
    assert [said.text for said in plain.select("#site-comments .comment__words")][-1] == "x" * 2000
    for path in (f"/write/posts/{post.id}", "/write/reviews?whose=mine", f"/write/posts/{post.id}/reviews"):
        assert not page(desk.get(path)).select("main b b, main script"), path


# Verdicts


def test_an_approval_belongs_to_the_revision_it_was_given_to(desk, reviewer, draft, asked):
    decide(reviewer, asked, words="Well done.")
    assert (only(Review).verdict, only(Review).words) == (Verdict.approved, "Well done.")
    at = f"/write/posts/{draft.id}"
    assert "Revision 1 was approved by Grace; it is the newest." in words(desk.get(at))
    rewrite(desk, draft.id, body="Second.")
    rewrite(desk, draft.id, body="Third.")
    assert "Revision 1 was approved by Grace; 2 saves since." in words(desk.get(at))
    rows = page(desk.get(f"{at}/revisions")).select("tbody tr")
    assert ["approved by Grace" in row.get_text() for row in rows] == [False, False, True]
    compared = words(desk.get(f"{at}/comparison?from=1&to=3"))
    assert "Revision 1 was approved by Grace." in compared
    assert "Revision 3 was approved" not in compared
    assert "Well done." in words(desk.get(asked))


def test_a_returned_revision_is_not_approved_but_may_be_later(desk, reviewer, draft, asked):
    decide(reviewer, asked, "returned", words="Not yet.")
    assert "was approved" not in words(desk.get(f"/write/posts/{draft.id}"))
    assert "Returned by Grace" in words(desk.get(asked))
    decide(reviewer, asked)
    assert "was approved" in words(desk.get(f"/write/posts/{draft.id}"))
    assert acts() == ["asked for a review of", "returned", "approved"]


def test_approving_twice_approves_once(reviewer, asked):
    for _ in range(2):
        assert decide(reviewer, asked).status_code == 302
    assert acts() == ["asked for a review of", "approved"]


def test_an_approval_outlives_the_review(desk, reviewer, draft, asked):
    decide(reviewer, asked)
    desk.post(f"{asked}/closing")
    assert acts()[-1] == "closed the review of"
    assert "was approved by Grace" in words(desk.get(f"/write/posts/{draft.id}"))
    assert "closed" in words(desk.get(f"/write/posts/{draft.id}/reviews"))


@pytest.mark.parametrize("verdict", ["", "asked", "APPROVED", "\0", "x" * 300])
def test_a_made_up_verdict_is_none(reviewer, asked, verdict):
    answer = decide(reviewer, asked, verdict, words="Typed with care.")
    assert answer.status_code == 422
    assert "Typed with care." in answer.text
    assert only(Review).verdict is None


def test_words_with_a_verdict_have_a_limit(reviewer, asked):
    answer = decide(reviewer, asked, words="x" * 2001)
    assert "At most 2,000 characters" in fault(answer, "words")
    assert only(Review).verdict is None


def test_nobody_else_can_decide(db, draft, ada, grace):
    review = Review.ask(draft, grace, by=ada)
    with pytest.raises(ReviewError):
        review.decide(Verdict.approved, "", by=ada)
    review.end(by=ada)
    with pytest.raises(ReviewError):
        review.decide(Verdict.approved, "", by=grace)
    with pytest.raises(ReviewError):
        ReviewComment.add(review, "Late.", by=ada, uid=draft.uid)


# Bounds


def test_reviews_of_a_page_are_for_admins_to_ask_for(sign_in, grace):
    boss = an_admin()
    about = a_page(by=boss, title="About", body="Who we are.")
    ask(sign_in(boss), about, email=grace.email)
    assert "Who we are." in words(sign_in(grace).get(f"/write/reviews/{only(Review).id}"))


def test_a_long_list_has_pages(desk, ada, grace, reviewer):
    for n in range(30):
        Review.ask(a_post(by=ada, title=f"Post no {n}"), grace, by=ada)
    first = reviewer.get("/write/reviews")
    assert len(page(first).select(".pieces > li")) == 25
    assert len(page(reviewer.get(link(first, "Older"))).select(".pieces > li")) == 5
    mine = desk.get("/write/reviews?whose=mine")
    assert len(page(desk.get(link(mine, "Older"))).select(".pieces > li")) == 5


def test_a_text_of_headings_named_as_the_page_names_its_parts_is_sound(reviewer, ada, grace):
    names = ("site-comment", "site-p1", "comment", "words", "quote", "Reviews", "site-main")
    post = a_post(by=ada, body="\n\n".join(f"# {name}" for name in names))
    assert reviewer.get(f"/write/reviews/{Review.ask(post, grace, by=ada).id}").status_code == 200


def test_reviews_go_with_the_post_and_stay_when_a_person_goes(db, draft, ada, grace):
    review = Review.ask(draft, grace, by=ada)
    ReviewComment.add(review, "Hm.", by=grace, uid=draft.uid)
    review.decide(Verdict.approved, "", by=grace)
    db.session.flush()
    db.session.delete(grace)
    db.session.flush()
    db.session.expire_all()
    assert Review.approvals(draft) == {1: ["somebody"]}
    db.session.delete(draft)
    db.session.flush()
    assert [number_of(model) for model in (Review, ReviewComment, Revision)] == [0, 0, 0]


def test_a_review_asked_long_ago_is_still_one(reviewer, asked):
    only(Review).asked_at = utcnow() - timedelta(days=400)
    assert reviewer.get(asked).status_code == 200


# Letters, and the number of those that wait


def test_whoever_is_asked_gets_a_letter_and_so_does_whoever_asked(desk, reviewer, ada, grace, draft, post_box):
    ask(desk, draft, email=grace.email, note="Is it\ntrue?")
    ask(desk, draft, email=grace.email)  # again: that is asked already
    (letter,) = post_box()
    path = f"/write/reviews/{only(Review).id}"
    assert (letter.kind, letter.to, letter.link) == ("review-asked", grace.email, f"http://localhost{path}")
    assert letter.subject == "Ada asks you to review “Tides”"
    assert "With these words: Is it true?" in letter.text
    decide(reviewer, path, "returned", words="Not quite.")
    decide(reviewer, path, "returned", words="Not quite.")  # the button, twice
    (answer,) = post_box(to=ada.email)
    assert (answer.kind, answer.link) == ("review-decided", f"http://localhost{path}")
    assert answer.subject == "“Tides” is returned"
    assert "Grace has returned revision 1 of “Tides”" in answer.text
    assert "With these words: Not quite." in answer.text


def test_nobody_is_told_who_may_not_look_any_more(reviewer, ada, asked, post_box):
    ada.role = UserRole.viewer
    assert decide(reviewer, asked).status_code == 302
    assert post_box() == []


def test_a_refused_asking_writes_no_letter(desk, draft, post_box):
    assert ask(desk, draft, email="nobody@example.com").status_code == 422
    assert post_box() == []


def test_the_head_of_the_desk_counts_the_reviews_that_wait(reviewer, desk, ada, grace, draft, asked, queries):
    def said(browser):
        return page(browser.get("/write")).select_one('.nav a[href="/write/reviews"]').get_text(" ", strip=True)

    assert said(reviewer) == "Reviews 1 waiting"
    assert said(desk) == "Reviews"
    with queries() as few:
        reviewer.get("/write")
    for _ in range(5):
        Review.ask(a_post(by=ada), grace, by=ada)
    with queries() as many:
        assert said(reviewer) == "Reviews 6 waiting"
    assert len(few) == len(many)
    decide(reviewer, asked)
    assert said(reviewer) == "Reviews 5 waiting"
