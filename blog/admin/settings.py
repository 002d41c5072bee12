"""The settings of the site."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload, selectinload

from blog.access import me, need_proof, requires
from blog.admin import bp, logo, meanwhile
from blog.admin.forms import ACCENTS, SettingsForm
from blog.database import db
from blog.forms import ZONES
from blog.models import Can, FactorNeededError, Post, Registration, Site

WHO_COMES_IN = {"registration", "factor_for"}


@bp.get("/settings")
@requires(Can.ADMINISTER)
def settings() -> ResponseReturnValue:
    return settings_page(SettingsForm(obj=g.site))


@bp.post("/settings")
@requires(Can.ADMINISTER)
def change_settings() -> ResponseReturnValue:
    picture = logo.sent()
    form = SettingsForm(obj=g.site)
    form.take_logo(picture)
    if "try_on" in request.form or "show" in request.form:
        return tried_on(form)
    if not form.validate():
        return settings_page(form), 422
    wanted = meanwhile.changed(form, g.site)
    if form.errors:
        return settings_page(form), 422
    if wanted.keys() & WHO_COMES_IN:
        need_proof()
    if "registration" in wanted:
        wanted["registration"] = Registration(wanted["registration"])
    try:
        g.site.change(by=me(), **wanted)
    except FactorNeededError as refusal:
        form.refuse("factor_for", str(refusal))
        return settings_page(form), 422
    db.session.commit()
    flash("The settings are saved, and hold from now on.")
    return redirect(url_for(".settings"))


def tried_on(form: SettingsForm) -> ResponseReturnValue:
    """The page in the colour that was typed or named, with a preview of the rest. Nobody else sees any of it."""
    look = form.look(g.site)
    if name := request.form.get("try_on", ""):
        can_be = form.try_on(name)
    else:
        can_be = form.validate() if "show" in request.form else form.try_on("")
    return settings_page(form, look=look), 200 if can_be else 422


def settings_page(form: SettingsForm, *, look: Site | None = None) -> str:
    form.was.data = form.was.data or meanwhile.marks(form, g.site)
    newest = Post.live().options(joinedload(Post.author), selectinload(Post.co_authors), selectinload(Post.tags))
    return render_template(
        "admin/settings.html",
        form=form,
        zones=ZONES,
        accents=ACCENTS,
        accent=form.accent,
        look=look,
        example=db.session.scalars(newest.limit(1)).all() if look else [],
    )
