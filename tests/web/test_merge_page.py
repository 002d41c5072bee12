"""The page where two changes of the same place meet: plain forms, and not a letter changed on the way."""

import pytest
from factories import a_post, an_admin
from looking import filled, page, rewrite, words
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.models import Post, PostStatus, Revision, WorkingCopy

BODY = "\n\nOne sentence.  \nTwo.\t\n\n\n## Heading\n\nThree. \n\n    code\n\nFour.\n\n\n"


@pytest.fixture
def post(ada):
    return a_post(by=ada, title="Common", body=BODY, tags=["common"])


@pytest.fixture
def mine(sign_in, ada):
    return sign_in(ada)


@pytest.fixture
def theirs(sign_in):
    return sign_in(an_admin(name="Boss"))


def saved(post) -> Post:
    the_db.session.expire_all()
    return the_db.session.get(Post, post.id)


def clashed(mine, theirs, post, press="", their=("Three", "Theirs"), my=("Three", "Mine"), **typed):
    """I open the editor, they change a word, I change it too and press the button."""
    opened = filled(mine.get(f"/write/posts/{post.id}"), "form.editor")
    rewrite(theirs, post.id, body=BODY.replace(*their))
    answer = mine.post(f"/write/posts/{post.id}{press}", data=opened | {"body": BODY.replace(*my)} | typed)
    assert answer.status_code == 409
    return answer


def segments(form) -> list[str]:
    return [form[name] for name in sorted((n for n in form if n.startswith("segment-")), key=lambda n: int(n[8:]))]


def number_of_clash(form) -> str:
    return next(name for name in form if name.startswith("take-"))[5:]


def crlf(form):
    """As browsers send it."""
    return {name: value.replace("\n", "\r\n") for name, value in form.items()}


@pytest.mark.parametrize(
    ("take", "expected"),
    [
        ("theirs", BODY.replace("Three", "Theirs")),
        ("mine", BODY.replace("Three", "Mine")),
        ("both", BODY.replace("Three.", "Theirs.\n\nMine.")),
        ("written", BODY.replace("Three.", "Theirs.\n\nMine.")),
        ("nonsense", BODY.replace("Three.", "Theirs.\n\nMine.")),
        (None, BODY.replace("Three.", "Theirs.\n\nMine.")),
    ],
)
@pytest.mark.parametrize("sent_as", [dict, crlf])
def test_the_parts_make_the_text_again_to_the_letter(mine, theirs, post, take, expected, sent_as):
    form = filled(clashed(mine, theirs, post), "form.merge")
    form[f"take-{number_of_clash(form)}"] = take
    sent = {name: value for name, value in form.items() if value is not None}
    assert mine.post(f"/write/posts/{post.id}", data=sent_as(sent)).status_code == 302
    assert saved(post).body == expected


def test_what_is_written_in_the_box_is_taken_as_it_stands(mine, theirs, post):
    form = filled(clashed(mine, theirs, post), "form.merge")
    form[f"segment-{number_of_clash(form)}"] = "\n Settled.  \n"
    mine.post(f"/write/posts/{post.id}", data=form)
    assert saved(post).body == BODY.replace("Three.", "\n Settled.  \n")


def test_each_passage_says_under_which_heading_it_stands_and_how_it_was(mine, theirs, post):
    answer = clashed(mine, theirs, post)
    assert "Passage 1 of 1, under “ Heading ”" in words(answer)
    shown = [pre.get_text() for pre in page(answer).select("main pre")]
    assert shown == ["Three.", "Theirs.", "Mine."]
    assert "kept as your working copy" in words(answer)


def test_two_passages_are_settled_each_for_itself_and_what_is_joined_comes_along(mine, theirs, post):
    opened = filled(mine.get(f"/write/posts/{post.id}"), "form.editor")
    rewrite(theirs, post.id, body=BODY.replace("One", "Boss").replace("Three", "Boss"), summary="Boss's")
    my = BODY.replace("One", "Ada").replace("Three", "Ada").replace("Four", "Ada's four")
    answer = mine.post(f"/write/posts/{post.id}", data=opened | {"body": my, "language": "de"})
    form = filled(answer, "form.merge")
    first, second = sorted(int(name[5:]) for name in form if name.startswith("take-"))
    form |= {f"take-{first}": "theirs", f"take-{second}": "mine"}
    mine.post(f"/write/posts/{post.id}", data=form)
    after = saved(post)
    assert after.body == BODY.replace("One", "Boss").replace("Three", "Ada").replace("Four", "Ada's four")
    assert (after.summary, after.language) == ("Boss's", "de")


def test_a_second_clash_while_merging_keeps_what_was_settled(mine, theirs, post):
    form = filled(clashed(mine, theirs, post), "form.merge")
    settled = form | {f"take-{number_of_clash(form)}": "written", f"segment-{number_of_clash(form)}": "Settled."}
    rewrite(theirs, post.id, body=BODY.replace("Three", "Newer"))
    again = mine.post(f"/write/posts/{post.id}", data=settled)
    assert again.status_code == 409
    form = filled(again, "form.merge")
    number = number_of_clash(form)
    assert (form[f"theirs-{number}"], form[f"mine-{number}"], form["base"]) == ("Newer.", "Settled.", "3")
    mine.post(f"/write/posts/{post.id}", data=form | {f"take-{number}": "mine"})
    assert saved(post).body == BODY.replace("Three.", "Settled.")


def test_the_result_sent_twice_is_one_save(mine, theirs, post):
    form = filled(clashed(mine, theirs, post), "form.merge")
    for _ in range(2):
        assert mine.post(f"/write/posts/{post.id}", data=form).status_code == 302
    assert (saved(post).revision, the_db.session.scalar(select(func.count(Revision.id)))) == (3, 3)


def test_after_merging_nothing_is_unsaved(mine, theirs, post):
    mine.post(f"/write/posts/{post.id}", data=filled(clashed(mine, theirs, post), "form.merge"))
    assert the_db.session.scalars(select(WorkingCopy.id).where(WorkingCopy.is_unsaved)).all() == []


def test_a_merge_page_that_was_left_loses_nothing(mine, theirs, post):
    clashed(mine, theirs, post)
    again = filled(mine.get(f"/write/posts/{post.id}"), "form.editor")
    assert (again["body"], again["base"]) == (BODY.replace("Three", "Mine"), "1")
    assert mine.post(f"/write/posts/{post.id}", data=again).status_code == 409
    theirs_only = filled(mine.get(f"/write/posts/{post.id}?copy=none"), "form.editor")
    assert theirs_only["body"] == BODY.replace("Three", "Theirs")


def test_mine_can_become_a_draft_of_its_own_and_nothing_changes_here(mine, theirs, post, ada):
    answer = clashed(mine, theirs, post)
    form = filled(answer, 'form[action="/write/posts/new"]')
    for _ in range(2):
        assert mine.post("/write/posts/new", data=form).status_code == 302
    assert (saved(post).body, saved(post).revision) == (BODY.replace("Three", "Theirs"), 2)
    apart = the_db.session.scalars(select(Post).where(Post.id != post.id)).one()
    assert (apart.author, apart.title, apart.body) == (ada, "Common", BODY.replace("Three", "Mine"))
    assert [tag.name for tag in apart.tags] == ["common"]


def test_where_nobody_knows_the_base_all_of_both_stands_there(mine, post):
    opened = filled(mine.get(f"/write/posts/{post.id}"), "form.editor")
    answer = mine.post(f"/write/posts/{post.id}", data=opened | {"base": "77", "body": "Mine.", "title": "My title"})
    assert answer.status_code == 409
    assert "It is not known which revision your text began from" in words(answer)
    form = filled(answer, "form.merge")
    assert (form["theirs-0"], form["mine-0"], form["title"]) == (BODY, "Mine.", "My title")
    mine.post(f"/write/posts/{post.id}", data=form | {"take-0": "theirs"})
    assert (saved(post).body, saved(post).title) == (BODY, "My title")


def test_to_publish_what_somebody_binned_meanwhile_asks_first(mine, theirs, post):
    opened = filled(mine.get(f"/write/posts/{post.id}"), "form.editor")
    rewrite(theirs, post.id, "bin")
    answer = mine.post(f"/write/posts/{post.id}/publication", data=opened | {"summary": "Mine"})
    assert answer.status_code == 409
    assert "The texts go together." in words(answer)
    assert saved(post).status is PostStatus.binned
    form = filled(answer, "form.merge")
    assert form["summary"] == "Mine"
    assert mine.post(f"/write/posts/{post.id}/publication", data=form).status_code == 302
    assert (saved(post).status, saved(post).summary, saved(post).body) == (PostStatus.published, "Mine", BODY)


@pytest.mark.parametrize("press", ["/publication", "/withdrawal", "/bin"])
def test_the_button_of_the_page_does_what_was_asked_for(mine, theirs, post, press):
    answer = clashed(mine, theirs, post, press)
    form = page(answer).select_one("form.merge")
    assert form["action"] == f"/write/posts/{post.id}{press}"


@pytest.mark.parametrize("name", ["segment-999999999999", "segment-x", "segment--1", "segment-١"])
def test_parts_with_garbled_numbers_are_no_parts(mine, post, name):
    opened = filled(mine.get(f"/write/posts/{post.id}"), "form.editor")
    mine.post(f"/write/posts/{post.id}", data=opened | {name: "Smuggled.", "body": "Mine."})
    assert saved(post).body == "Mine."


def test_a_refused_result_keeps_what_was_settled(mine, theirs, post):
    form = filled(clashed(mine, theirs, post), "form.merge")
    form |= {f"take-{number_of_clash(form)}": "mine", "title": "x" * 201}
    answer = mine.post(f"/write/posts/{post.id}", data=form)
    assert answer.status_code == 422
    again = filled(answer, "form.editor")
    assert (again["body"], again["base"]) == (BODY.replace("Three", "Mine"), "2")
    assert mine.post(f"/write/posts/{post.id}", data=again | {"title": "Fit"}).status_code == 302
    assert saved(post).body == BODY.replace("Three", "Mine")
