"""Setting the site up, and registering."""

from collections import deque
from datetime import timedelta
from math import ceil

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import access, library
from blog.access import public
from blog.auth import bp
from blog.auth.forms import NewPersonForm, SetupForm
from blog.database import db
from blog.models import Purpose, Registration, Token, User, UserRole, record
from blog.models.throttle import REGISTER_FROM_ADDRESS
from blog.transfer import demo

MINUTE = timedelta(minutes=1)


@bp.route("/setup/<secret>", methods=["GET", "POST"])
@public
def setup(secret: str) -> ResponseReturnValue:
    """The first admin makes the site theirs. The address is printed where only its host can read it."""
    token = Token.of(Purpose.setup, secret)
    if token is None or db.session.scalar(User.active_admins().limit(1)):
        abort(404)
    form = SetupForm()
    if not form.validate_on_submit():
        return render_template("auth/setup.html", form=form), 422 if form.errors else 200
    if not token.spend():
        abort(404)
    admin = new_person(form, role=UserRole.admin)
    g.site.change(by=admin, title=form.title.data)
    record("set up the site", by=admin)
    if form.samples.data:
        demo.fill(by=admin)
        if g.site.tagline == "":
            g.site.change(by=admin, tagline=demo.TAGLINE, navigation=demo.NAVIGATION)
    access.sign_in(admin)
    db.session.commit()
    deque(library.draw_missing(), maxlen=0)  # of the sample pictures; a failure costs their smaller versions only
    flash("Your site is ready. Your desk, where posts are written, is a click away.")
    return redirect(url_for("posts.index"))


@bp.route("/auth/register", methods=["GET", "POST"])
@public
def register() -> ResponseReturnValue:
    if g.site.registration is not Registration.open:
        return render_template("auth/register_closed.html"), 403
    form = NewPersonForm()
    if request.method == "GET":
        return render_template("auth/register.html", form=form)
    if wait := REGISTER_FROM_ADDRESS.hit(request.remote_addr or ""):
        form.refuse("email", f"Too many accounts were asked for from here. Wait {ceil(wait / MINUTE)} minutes.")
    if wait or not form.validate():
        db.session.commit()  # the try counts
        return render_template("auth/register.html", form=form), 429 if wait else 422
    person = new_person(form, role=UserRole.viewer)
    record("registered", by=person)
    access.sign_in(person)
    db.session.commit()
    flash(f"Welcome, {person.name}.")
    return redirect(url_for("posts.index"))


def new_person(form: NewPersonForm, *, role: UserRole) -> User:
    person = User(name=form.name.data, email=form.email.data, role=role)
    person.set_password(form.password.data or "")
    db.session.add(person)
    db.session.flush()
    return person
