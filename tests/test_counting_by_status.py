"""Posts counted by what they are, which the clock decides."""

from factories import a_post, a_scheduled_post, an_admin, an_editor


def test_the_dashboard_and_a_persons_page_count_posts_by_status(sign_in):
    author = an_editor()
    for _ in range(2):
        a_post(by=author, live=True)
    a_post(by=author)
    a_scheduled_post(by=author)
    browser = sign_in(an_admin())
    assert "4 posts: 2 live, 1 draft, 1 scheduled, 0 in the bin." in browser.get(f"/admin/users/{author.id}").text
    assert browser.get("/admin").status_code == 200
