"""Masthead, a blog for a team: the application factory, the one module that knows all the others."""

from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

from blog import (
    access,
    admin,
    assets,
    auth,
    cli,
    emptying,
    errors,
    factor_commands,
    head,
    lost,
    mail_commands,
    media_commands,
    page_cache,
    posts,
    rebuild,
    resealing,
    shields,
    web,
)
from blog.admin import (
    audit,
    dashboard,
    invitations,
    leave_taking,
    outbox,
    people,
    person,
    redirects,
    settings,
    system,
    tags,
)
from blog.admin import pages as page_list
from blog.auth import (
    account,
    address,
    export,
    factors,
    joining,
    leaving,
    passkeys,
    portrait,
    proof,
    reading_list,
    recovery,
    removing,
    resuming,
    second_step,
    sessions,
    signing_in,
)
from blog.bucket import Bucket
from blog.database import db
from blog.extensions import csrf, login_manager, migrate
from blog.posts import (
    archive,
    co_authors,
    desk,
    feeds,
    helping,
    history,
    media,
    pages,
    picture,
    presence,
    preview_links,
    previews,
    publishing,
    reading,
    reviews,
    searching,
    session,
    sitemap,
    source,
    writing,
)
from blog.storage import Folder, Storage
from config import BucketPlace, Config

# Imported, they hung their routes.
VIEWS_OF_READERS = (archive, feeds, media, pages, previews, reading, searching, sitemap, source)
VIEWS_OF_PEOPLE = (account, address, export, joining, leaving, portrait, proof, recovery)
VIEWS_OF_SESSIONS = (reading_list, resuming, sessions, signing_in)
VIEWS_OF_FACTORS = (factors, passkeys, removing, second_step)
COMMANDS_OF_FACTORS = factor_commands  # they hang on `flask user`
VIEWS_OF_WRITERS = (desk, helping, history, picture, publishing, session, writing)
VIEWS_OF_COMPANY = (co_authors, presence, preview_links, reviews)
VIEWS_OF_ADMINS = (audit, dashboard, invitations, leave_taking, outbox, page_list, people, person)
VIEWS_OF_THE_SITE = (redirects, settings, system, tags)


def create_app(config: object | None = None) -> Flask:
    """The application. Raises ConfigError for a setting that cannot be used, UnmarkedViewError for an open door."""
    config = config or Config()
    app = Flask(
        "blog",
        template_folder="../templates",
        static_folder="../static",
        instance_path=str(config.INSTANCE_PATH),  # type: ignore[attr-defined]
    )
    app.config.from_object(config)
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.extensions["storage"] = storage_at(app.config["MEDIA_PLACE"])

    for extension in (db, migrate, login_manager):
        extension.init_app(app)
    page_cache.init_app(app)  # within what web puts around it, which says who asks and how
    web.init_app(app)
    csrf.init_app(app)
    for part in (
        shields,
        access,
        errors,
        lost,
        assets,
        head,
        cli,
        emptying,
        rebuild,
        resealing,
        media_commands,
        mail_commands,
    ):
        part.init_app(app)
    app.before_request(web.take_pen)
    for blueprint in (auth.bp, posts.bp, admin.bp):
        app.register_blueprint(blueprint)
    access.check_views(app)
    return app


def storage_at(place: Path | BucketPlace) -> Storage:
    return Bucket(place) if isinstance(place, BucketPlace) else Folder(place)
