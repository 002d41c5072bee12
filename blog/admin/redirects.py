"""Addresses that have moved, and those that readers ask for in vain."""

import re
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import delete

from blog import text
from blog.access import me, requires
from blog.admin import bp
from blog.admin.addresses import RedirectForm
from blog.database import db
from blog.models import Can, Missing, Post, Redirect, record
from blog.moved import is_page
from blog.nearest import Names
from blog.paging import page_of

LIST_SIZE = 50
SHOWN_MISSING = 25
CANDIDATES = 2000  # newest posts among which the one that was meant is looked for


@bp.get("/redirects")
@requires(Can.ADMINISTER)
def redirects() -> ResponseReturnValue:
    return show(RedirectForm())


@bp.post("/redirects")
@requires(Can.ADMINISTER)
def add_redirect() -> ResponseReturnValue:
    form = RedirectForm()
    if not form.validate():
        return show(form), 422
    made = Redirect.add(form.from_path, to=form.goal, by=me())
    Missing.forget(made.path)
    db.session.commit()
    flash(told(made))
    return redirect(url_for(".redirects"))


@bp.route("/redirects/<int:redirect_id>", methods=["GET", "POST"])
@requires(Can.ADMINISTER)
def edit_redirect(redirect_id: int) -> ResponseReturnValue:
    moved = db.get_or_404(Redirect, redirect_id, with_for_update=request.method == "POST")
    form = RedirectForm(moved)
    if not form.validate_on_submit():
        page = render_template("admin/redirect.html", moved=moved, form=form)
        return page, 422 if form.errors else 200
    moved.change(form.from_path, to=form.goal, by=me())
    Missing.forget(moved.path)
    db.session.commit()
    flash(told(moved))
    return redirect(url_for(".redirects"))


@bp.post("/redirects/<int:redirect_id>/deletion")
@requires(Can.ADMINISTER)
def delete_redirect(redirect_id: int) -> ResponseReturnValue:
    moved = db.get_or_404(Redirect, redirect_id, with_for_update=True)
    moved.remove(by=me())
    db.session.commit()
    flash(f"{moved.path} leads nowhere now.")
    return redirect(url_for(".redirects"))


@bp.post("/redirects/missing/<int:missing_id>/deletion")
@requires(Can.ADMINISTER)
def forget_missing(missing_id: int) -> ResponseReturnValue:
    line = db.get_or_404(Missing, missing_id, with_for_update=True)
    db.session.delete(line)
    record("forgot the missing address", by=me(), subject=line.path)
    db.session.commit()
    flash(f"{line.path} is off the list, until somebody asks for it again.")
    return redirect(url_for(".redirects", _anchor="missing"))


@bp.post("/redirects/missing/deletion")
@requires(Can.ADMINISTER)
def forget_all_missing() -> ResponseReturnValue:
    db.session.execute(delete(Missing))
    record("forgot all missing addresses", by=me())
    db.session.commit()
    flash("The list of missing addresses begins anew.")
    return redirect(url_for(".redirects", _anchor="missing"))


def told(moved: Redirect) -> str:
    if moved.leads_to is None:
        return f"{moved.path} leads to {moved.goal}, as soon as that is out."
    if moved.target.startswith("/") and not is_page(text.plain_path(re.split("[?#]", moved.target)[0])):
        return f"{moved.path} leads to {moved.goal}, though no page of this site is there now."
    return f"{moved.path} leads to {moved.goal} now."


def show(form: RedirectForm) -> str:
    words = request.args.get("q", "").strip()[:200]
    page = page_of(
        Redirect.matching(words), (Redirect.path, Redirect.id), size=LIST_SIZE, args=request.args, descending=False
    )
    missing = db.session.scalars(Missing.newest().limit(SHOWN_MISSING)).all()
    return render_template(
        "admin/redirects.html",
        form=form,
        page=page,
        words=words,
        shadowed={moved.id for moved in page if is_page(moved.path)},
        missing=missing,
        likely=likely_targets([line.path for line in missing]),
    )


# Guessing what was meant


def likely_targets(paths: Sequence[str]) -> dict[str, str]:
    """For each of these paths the address of the post or page that was most likely meant, where there is one."""
    if not paths:
        return {}
    wanted = {path: last_words(path) for path in paths}
    newest = Post.out().with_only_columns(Post.slug, Post.kind).limit(CANDIDATES)
    by_name = Post.out().with_only_columns(Post.slug, Post.kind).where(Post.slug.in_(set(wanted.values())))
    rows = [*db.session.execute(newest), *db.session.execute(by_name)]
    addresses = {slug: Post.path_of(slug, kind) for slug, kind in rows}
    names = Names(addresses)
    found = {path: names.nearest(word) for path, word in wanted.items() if word}
    return {path: addresses[name] for path, name in found.items() if name}


def last_words(path: str) -> str:
    """What the end of an address says: /2019/03/05-Old_Ships.html is about old-ships."""
    parts = [re.sub(r"\.\w{1,5}$", "", part) for part in path.split("/")]
    telling = [part for part in parts if re.search(r"[^\W\d]", part) and part != "index"]
    return re.sub(r"^[\d-]+(?=\w)", "", text.slugify(telling[-1] if telling else ""))
