"""The settings of the site."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog.access import me, requires
from blog.admin import bp
from blog.admin.forms import ACCENTS, ZONES, SettingsForm
from blog.database import db
from blog.models import Can, Registration


@bp.route("/settings", methods=["GET", "POST"])
@requires(Can.ADMINISTER)
def settings() -> ResponseReturnValue:
    form = SettingsForm(obj=g.site)
    if "try_on" in request.form:
        there_is = form.try_on(request.form["try_on"])
        return settings_page(form, is_tried_on=there_is), 200 if there_is else 422
    if not form.validate_on_submit():
        return settings_page(form), 422 if form.errors else 200
    wanted = {name: value for name, value in form.data.items() if name != "csrf_token"}
    g.site.change(by=me(), **wanted | {"registration": Registration(wanted["registration"])})
    db.session.commit()
    flash("The settings are saved, and hold from now on.")
    return redirect(url_for(".settings"))


def settings_page(form: SettingsForm, *, is_tried_on: bool = False) -> str:
    return render_template(
        "admin/settings.html", form=form, zones=ZONES, accents=ACCENTS, accent=form.accent, is_tried_on=is_tried_on
    )
