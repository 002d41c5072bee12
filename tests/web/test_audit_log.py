"""The log, as admins read it: what it says, and how a line is found in it."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from factories import a_post, a_user, an_admin, an_editor, the_site
from looking import fault, link, page, words
from sqlalchemy import insert

import blog
from blog.database import db as the_db
from blog.models import AuditEntry, record
from blog.models.audit_log import LOOKED_THROUGH, TOPICS


@pytest.fixture
def boss(db):
    return an_admin(name="Boss", email="boss@example.com")


@pytest.fixture
def office(boss, sign_in):
    return sign_in(boss)


def subjects(answer) -> list[str]:
    assert answer.status_code == 200
    return [row.find_all("bdi")[-1].get_text() for row in page(answer).select(".lines--log li")]


def written(*lines, **every) -> None:
    """Lines of the log, each with a subject."""
    defaults = {"actor_name": "", "origin": "192.0.2.1", "action": "published", "detail": {}}
    rows = [defaults | every | ({"subject": line} if isinstance(line, str) else line) for line in lines]
    the_db.session.execute(insert(AuditEntry), rows)


def test_a_line_reads_as_a_sentence_and_leads_to_whom_it_names(office, boss):
    grace = an_editor(name="Grace <b>")
    office.post(f"/admin/users/{grace.id}/role", data={"role": "admin"})
    answer = office.get("/admin/audit")
    assert "Boss changed the role of Grace <b> from editor to admin from 127.0.0.1" in words(answer)
    assert link(answer, "Grace <b>") == f"/admin/users/{grace.id}"
    assert [a["href"] for a in page(answer).select(".lines--log a")] == [
        f"/admin/users/{boss.id}", f"/admin/users/{grace.id}",
    ]  # fmt: skip


def test_what_a_setting_was_and_is_folds_away(office, boss):
    the_site(title="Old").change(by=boss, title="New <i>", posts_per_page=20)
    folded = page(office.get("/admin/audit")).select_one(".lines--log details")
    assert folded.summary.get_text() == "title, posts per page"
    assert " ".join(folded.dl.get_text(" ").split()) == "Title “Old” → “New <i>” Posts per page “10” → “20”"


def test_every_act_that_is_recorded_has_a_topic():
    """Or no filter of the log would find it."""
    known = {action for actions in TOPICS.values() for action in actions}
    said = set()
    for path in Path(blog.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
                said |= {word.value for word in ast.walk(node.args[0]) if isinstance(word, ast.Constant)}
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_do":
                said |= {word.value for word in ast.walk(node.args[0]) if isinstance(word, ast.Constant)}
    assert len(said) > 30
    assert said <= known, said - known


def test_the_log_is_filtered_by_person_topic_place_and_any_of_them_together(office):
    ada, grace = an_editor(name="Ada", email="ada@example.com"), an_editor(name="Grace", handle="gracie")
    me = {"actor_id": ada.id, "actor_name": "Ada"}
    other = {"actor_id": grace.id, "actor_name": "Grace", "about_id": ada.id}
    written(
        me | {"subject": "one"},
        me | {"subject": "two", "origin": "192.0.2.2"},
        other | {"subject": "three", "action": "deactivated"},
        other | {"subject": "four", "action": "deactivated", "origin": "192.0.2.2"},
        {"subject": "five", "action": "signed in"},
        me | {"subject": "six", "about_id": ada.id, "action": "changed the password of"},
    )
    for asked, found in {
        "": "six five four three two one",
        "who=ada@example.com": "six four three two one",
        "who=ADA@example.com&topic=": "six four three two one",
        f"who={grace.id}": "four three",
        "who=gracie": "four three",
        "who=Grace": "four three",
        "topic=people": "six four three",
        "topic=sign-ins": "five",
        "origin=192.0.2.2": "four two",
        "who=ada&topic=people&origin=192.0.2.2": "four",
        "who=ada&topic=settings": "",
        "topic=posts&origin=192.0.2.1": "one",
        "who=ada&q=T": "three two",
        "q=ON": "one",
        "q=%25": "",
    }.items():
        answer = office.get(f"/admin/audit?{asked}")
        assert subjects(answer) == found.split(), asked
        assert found or "Nothing found" in words(answer)


def test_days_are_those_of_the_sites_clock_and_the_last_is_whole(office):
    the_site(time_zone="America/New_York")
    for number, hour in enumerate((3, 4, 27, 28, 100)):
        written(f"n{number}", at=datetime(2026, 10, 1, tzinfo=UTC) + timedelta(hours=hour))
    for asked, found in {
        "since=2026-10-01": "n4 n3 n2 n1",
        "until=2026-10-01": "n2 n1 n0",
        "since=2026-10-01&until=2026-10-01": "n2 n1",
        "since=2026-10-02&topic=posts": "n4 n3",
        "since=2027-01-01": "",
        "until=2020-01-01": "",
        "since=2026-10-02&until=2026-10-01": "",
    }.items():
        assert subjects(office.get(f"/admin/audit?{asked}")) == found.split(), asked
    the_site(time_zone="Africa/Cairo")  # whose clocks went forward at midnight
    assert subjects(office.get("/admin/audit?until=2023-04-28")) == []


def test_lines_written_at_one_moment_in_another_order_are_within_their_days(office):
    late, early = datetime(2026, 10, 2, 0, 0, 1, tzinfo=UTC), datetime(2026, 10, 1, 23, 59, 59, tzinfo=UTC)
    written({"subject": "late", "at": late}, {"subject": "early", "at": early})
    assert subjects(office.get("/admin/audit?until=2026-10-01")) == ["early"]
    assert subjects(office.get("/admin/audit?since=2026-10-02")) == ["late"]


@pytest.mark.parametrize("asked", ["topic=x", "before=x", "after=%00", "before=WyJhIl0", "q=a&before=x", "topic=%00"])
def test_what_was_never_offered_is_a_404(office, asked):
    assert office.get(f"/admin/audit?{asked}").status_code == 404


def test_a_filter_that_means_nothing_is_told_beside_its_field_and_finds_nothing(office):
    written("something")
    for name, typed in (
        ("who", "nobody@example.com"), ("who", "\0"), ("who", "9" * 9), ("who", "0"), ("since", "yesterday"),
        ("until", "2026-13-01"), ("since", "0001-01-01"), ("until", "9999-12-31"), ("since", "２０２６-01-01"),
    ):  # fmt: skip
        answer = office.get("/admin/audit", query_string={name: typed})
        assert fault(answer, name), (name, typed)
        assert subjects(answer) == []
    for typed in ("\0", "' OR 1=1 --", "x" * 5000, "-1", "%"):
        assert subjects(office.get("/admin/audit", query_string={"origin": typed})) == []


def test_paging_through_a_filtered_log_misses_no_line_and_keeps_the_filter(office):
    ada = an_editor(name="Ada")
    written(*(f"a{n}" for n in range(60)), actor_id=ada.id)
    written(*(f"b{n}" for n in range(60)), about_id=ada.id, action="deactivated")
    written(*(f"c{n}" for n in range(60)))
    seen, address = [], f"/admin/audit?who={ada.id}"
    while address:
        answer = office.get(address)
        seen.append(subjects(answer))
        address = link(answer, "Older")
    assert [len(part) for part in seen] == [50, 50, 20]
    assert [line for part in seen for line in part] == [f"{x}{n}" for x in "ba" for n in range(59, -1, -1)]
    assert subjects(office.get(link(answer, "Newer"))) == seen[1]


def test_words_are_looked_for_in_a_part_of_the_log_at_a_time(office):
    written("needle 1", *["hay"] * LOOKED_THROUGH, "needle 2")
    first = office.get("/admin/audit?q=needle")
    assert subjects(first) == ["needle 2"]
    second = office.get(link(first, "Look further back"))
    assert subjects(second) == ["needle 1"]
    assert link(second, "Look further back") is None
    nothing = office.get("/admin/audit?q=straw")
    assert "Not among the 2,000 lines" in words(nothing)
    assert link(nothing, "Look further back")
    many = office.get("/admin/audit?q=hay")
    assert len(subjects(many)) == 50
    assert subjects(office.get(link(many, "Look further back"))) == ["hay"] * 50


def test_the_log_costs_the_same_for_few_and_many_lines(office, queries):
    def cost(asked):
        with queries() as seen:
            office.get(f"/admin/audit?{asked}")
        return len(seen)

    ada = an_editor()
    asked = (f"who={ada.id}&topic=posts", "topic=sign-ins&since=2026-01-01&until=2030-01-01", "q=post", "")
    record("published", by=ada, subject="Post")
    few = [cost(each) for each in asked]
    for _ in range(120):
        record("published", by=ada, subject="Post")
        record("signed in", by=ada)
    assert [cost(each) for each in asked] == few
    assert max(few) <= 8


def test_what_the_product_promises_is_in_the_log(office, boss, client):
    """Each of these once, in one walk through the site."""
    ada = an_editor(name="Ada", email="ada@example.com", password="seven swans a-swimming")
    client.post("/auth/login", data={"email": "ada@example.com", "password": "wrong"})
    client.post("/auth/login", data={"email": "ada@example.com", "password": "seven swans a-swimming"})
    post = a_post(by=ada)
    post.publish(base=post.revision, by=ada)
    post.unpublish(base=post.revision, by=ada)
    post.bin(base=post.revision, by=ada)
    office.post(f"/admin/users/{ada.id}/posts", data={"email": "boss@example.com"})
    office.post(f"/admin/users/{ada.id}/role", data={"role": "viewer"})
    office.post(f"/admin/users/{ada.id}/deactivation")
    the_site().change(by=boss, title="Another")
    office.post("/admin/users/export", buffered=True)
    told = words(office.get("/admin/audit"))
    for sentence in (
        "Somebody failed to sign in as",
        "Ada signed in with a password",
        f"Ada published {post.headline}",
        f"Ada unpublished {post.headline}",
        f"Ada binned {post.headline}",
        f"Boss handed over {post.headline} from Ada to Boss",
        "Boss changed the role of Ada from editor to viewer",
        "Boss deactivated Ada",
        "Boss changed the settings",
        "Boss exported the list of people",
    ):
        assert sentence in told, sentence
    assert link(office.get("/admin/audit"), post.headline) is None  # a title leads to nobody's page
    about = words(office.get(f"/admin/audit?who={ada.id}"))
    assert f"Boss handed over {post.headline} from Ada to Boss" in about
    assert "Boss deactivated Ada" in about
    assert "Boss changed the settings" not in about


def test_nobody_but_an_admin_reads_the_log(client, sign_in):
    written("a secret")
    assert client.get("/admin/audit?who=x").status_code == 302
    assert "a secret" not in client.get("/admin/audit").text
    for someone in (a_user(), an_editor()):
        answer = sign_in(someone).get("/admin/audit?q=secret")
        assert answer.status_code == 403
        assert "a secret" not in answer.text


def test_a_line_of_the_future_or_of_long_ago_is_read_like_any_other(office):
    with time_machine.travel(datetime(2031, 1, 1, tzinfo=UTC)):
        written("old", at=datetime(1999, 1, 1, tzinfo=UTC))
    assert subjects(office.get("/admin/audit?until=2000-01-01")) == ["old"]
