"""Who may do what: the table of rights, spelled out for every address, person, and state of a post.

It is the measure of the code and takes nothing from it: whoever adds an address adds a line of what it should answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum


class Answer(StrEnum):
    """What becomes of a request at the door. `open` says nothing of what is sent: that may yet be refused."""

    open = "open"
    sign_in = "sign in first"
    proof = "show anew who you are"
    enrol = "set up a second factor first"
    forbidden = "403"
    missing = "404"
    gone = "410"


class Person(StrEnum):
    visitor = "a visitor"
    deactivated = "a deactivated admin and co-author"
    viewer = "a viewer, who was an editor and co-author once"
    stranger = "an editor"
    reviewer = "an editor who is asked for a review"
    co_author = "an editor who is co-author"
    owner = "an editor who is owner"
    admin = "an admin"
    late_admin = "an admin who signed in long ago"
    unenrolled = "an admin who lacks the second factor that admins must have"


OUTSIDE = {Person.visitor, Person.deactivated, Person.unenrolled}  # who reads as strangers do
ADMINS = {Person.admin, Person.late_admin}
AUTHORS = {Person.owner, Person.co_author}
EDITORS = {Person.stranger, Person.reviewer} | AUTHORS


class State(Enum):
    """What a post is: its name; whether readers see it, could see it once; for whom; whether it is a page."""

    draft = ("draft", False, False)
    scheduled = ("scheduled", False, False)
    live = ("live", True, True)
    members = ("members", True, True)
    waiting = ("waiting", True, True)  # live, with changes that are not
    unpublished = ("unpublished", False, True)
    binned = ("binned", False, True)
    page = ("page", True, True)
    page_draft = ("page_draft", False, False)

    def __init__(self, word: str, is_live: bool, was_live: bool) -> None:
        self.word, self.is_live, self.was_live = word, is_live, was_live

    @property
    def is_page(self) -> bool:
        return self in (State.page, State.page_draft)


# Rules. Each says what one person is answered, and where it is about a post, in which state.

Rule = Callable[[Person, State], set[Answer]]


def one(answer: Answer) -> set[Answer]:
    return {answer}


def outside(who: Person) -> set[Answer]:
    """Of what is not for strangers. A script hears that it must sign in, whatever else is missing."""
    return {Answer.enrol, Answer.sign_in} if who is Person.unenrolled else one(Answer.sign_in)


def everybody(_who: Person, _state: State) -> set[Answer]:
    return one(Answer.open)


def nobody(_who: Person, _state: State) -> set[Answer]:
    """An address that is there no longer, or not yet."""
    return one(Answer.missing)


def where_it_is_set(_who: Person, _state: State) -> set[Answer]:
    """A page that a site may have."""
    return {Answer.open, Answer.missing}


def half_way_in(_who: Person, _state: State) -> set[Answer]:
    """Between the password and the second factor: whoever is not there is led back to the beginning."""
    return {Answer.open, Answer.sign_in}


def people(who: Person, _state: State) -> set[Answer]:
    return outside(who) if who in OUTSIDE else one(Answer.open)


def people_proved(who: Person, state: State) -> set[Answer]:
    return one(Answer.proof) if who is Person.late_admin else people(who, state)


def enrolling(who: Person, state: State) -> set[Answer]:
    """What is also for those who must set up a factor: or they never could."""
    return one(Answer.open) if who is Person.unenrolled else people(who, state)


def enrolling_proved(who: Person, state: State) -> set[Answer]:
    return one(Answer.proof) if who is Person.late_admin else enrolling(who, state)


def whose_passkey_it_is(who: Person, state: State) -> set[Answer]:
    """An admin's, in this table. To all others it is not there; and nobody can rename or remove it unproved."""
    if who is Person.unenrolled:
        return {Answer.missing, *outside(who)}
    return people_proved(who, state) if who in OUTSIDE | ADMINS else one(Answer.missing)


def writers(who: Person, _state: State) -> set[Answer]:
    if who in OUTSIDE:
        return outside(who)
    return one(Answer.forbidden if who is Person.viewer else Answer.open)


def admins(who: Person, _state: State) -> set[Answer]:
    if who in OUTSIDE:
        return outside(who)
    return one(Answer.open if who in ADMINS else Answer.forbidden)


def admins_proved(who: Person, state: State) -> set[Answer]:
    return one(Answer.proof) if who is Person.late_admin else admins(who, state)


def whoever_brought_it(who: Person, state: State) -> set[Answer]:
    """A picture: everybody who writes knows of it, its owner and the admins may change it."""
    may = who in ADMINS or who is Person.owner
    return writers(who, state) if may or who not in EDITORS else one(Answer.forbidden)


def reads_post(_who: Person, state: State) -> set[Answer]:
    """What is not out is not there, and what was out once is gone: for all alike, the desk has its own pages."""
    if state.is_page:
        return {Answer.open, Answer.missing} if state.is_live else one(Answer.missing)  # led to its own address, or not
    return one(Answer.open if state.is_live else Answer.gone if state.was_live else Answer.missing)


def reads_page(_who: Person, state: State) -> set[Answer]:
    if state.is_page:
        return one(Answer.open if state.is_live else Answer.missing)
    if state.is_live:
        return {Answer.open, Answer.missing}
    return {Answer.missing, Answer.gone} if state.was_live else one(Answer.missing)


def reads_source(who: Person, state: State) -> set[Answer]:
    if state is State.members and who in OUTSIDE:
        return one(Answer.sign_in)
    if state.is_live:
        return one(Answer.open)  # at its own address, or led there
    return {Answer.missing, Answer.gone} if state.was_live else one(Answer.missing)


def leads_to_source(who: Person, state: State) -> set[Answer]:
    """Where pages have theirs. A post is led to its own, or says at once what it would say there."""
    return reads_source(who, state) | (one(Answer.open) if state.is_live else set())


def reads_card(_who: Person, state: State) -> set[Answer]:
    if state.is_live:
        return one(Answer.open)
    return {Answer.missing, Answer.gone} if state.was_live else one(Answer.missing)


def opens_link(_who: Person, state: State) -> set[Answer]:
    """A preview link is for whoever has it: the post, or the way to it once it is live. What is in the bin is not."""
    return one(Answer.missing if state is State.binned else Answer.open)


def keeps(who: Person, state: State) -> set[Answer]:
    """To a reading list go posts that anybody can find."""
    if who in OUTSIDE:
        return outside(who)
    return one(Answer.open if state.is_live and not state.is_page else Answer.missing)


def may_edit(who: Person, state: State) -> bool:
    return who in ADMINS or (who in AUTHORS and not state.is_page)


def edits(who: Person, state: State) -> set[Answer]:
    """Owner, co-authors and admins. Others hear that they may not, of what is out; and of a secret that it is not."""
    if who not in EDITORS | ADMINS:
        return writers(who, state)
    if may_edit(who, state):
        return one(Answer.open)
    return one(Answer.forbidden if state.is_live else Answer.missing)


def owns(who: Person, state: State) -> set[Answer]:
    """What a co-author may not: give the post away, name other authors."""
    is_co_author = who is Person.co_author and not state.is_page
    return one(Answer.forbidden) if is_co_author else edits(who, state)


def names_authors(who: Person, state: State) -> set[Answer]:
    """A page speaks for the site, and so has no authors to name."""
    return one(Answer.missing) if state.is_page and who in ADMINS else owns(who, state)


def reviews(who: Person, state: State) -> set[Answer]:
    """As `edits`; and the reviewer, of that one revision, unless the post is in the bin."""
    return one(Answer.open) if who is Person.reviewer and state is not State.binned else edits(who, state)


def decides(who: Person, state: State) -> set[Answer]:
    """The reviewer alone. Those who may edit the post know of the review."""
    return one(Answer.forbidden) if may_edit(who, state) else reviews(who, state)


def ends_review(who: Person, state: State) -> set[Answer]:
    is_theirs = who is Person.reviewer and state is not State.binned
    return one(Answer.forbidden) if is_theirs else edits(who, state)


# What of a post a person may know, whatever address they ask.


class Part(StrEnum):
    title = "title"
    body = "body"
    waiting = "waiting"  # saved, and not out
    typed = "typed"  # by the owner, and not saved


REVIEWED = ("/write/reviews",)  # where a reviewer sees what is asked of them
UNSAVED = "/auth/account/departure"  # which names what a person has typed, before it goes
SHOWN_TO_GUESTS = ("/preview/",)


def may_know(who: Person, state: State, part: Part, path: str) -> bool:
    if may_edit(who, state):
        return part is not Part.typed or who is Person.owner or who in ADMINS
    if path.startswith(SHOWN_TO_GUESTS):
        return opens_link(who, state) == {Answer.open} and part is not Part.typed
    if path.startswith(REVIEWED) and who is Person.reviewer and state is not State.binned:
        return part is not Part.typed
    if path == UNSAVED and who is Person.owner:
        return part is Part.title
    if not state.is_live or part in (Part.waiting, Part.typed):
        return False
    return part is Part.title or state is not State.members or who not in OUTSIDE


# The table. About no post: rule, methods, address. About a post, a review of one, or a link to one: the same below.

PLAIN = """
everybody           GET       /
everybody           GET       /tags
everybody           GET       /tags/<slug>
everybody           GET       /tags/<slug>/feed.<any(atom, rss, json):kind>
everybody           GET       /authors
everybody           GET       /authors/<handle>
everybody           GET       /authors/<handle>/feed.<any(atom, rss, json):kind>
everybody           GET       /archive
everybody           GET       /archive/<int(fixed_digits=4):year>
everybody           GET       /archive/<int(fixed_digits=4):year>/<int(fixed_digits=2):month>
everybody           GET       /search
everybody           GET       /opensearch.xml
everybody           GET       /feed.<any(atom, rss, json):kind>
everybody           GET       /sitemap.xml
everybody           GET       /sitemap-<any(posts, tags, authors):rows>-<int:number>.xml
everybody           GET       /robots.txt
where_it_is_set     GET       /.well-known/security.txt
everybody           GET       /media/<path:name>
everybody           GET       /static/<path:filename>
everybody           GET       /static/<any(site, desk):name>-<version>.css
everybody           GET       /static/js-<version>/<name>.js
everybody           GET       /icon.svg
everybody           GET       /favicon.ico
everybody           GET       /apple-touch-icon.png
everybody           GET       /icon-512.png
everybody           GET       /healthz
everybody           GET       /readyz

nobody              GET POST  /setup/<secret>
everybody           GET POST  /auth/login
everybody           POST      /auth/logout
half_way_in         GET POST  /auth/login/code
half_way_in         POST      /auth/login/code/challenge
half_way_in         POST      /auth/login/code/passkey
everybody           POST      /auth/login/passkey/challenge
everybody           POST      /auth/login/passkey
everybody           GET POST  /auth/link/<secret>
everybody           GET POST  /auth/register
everybody           GET       /auth/register/asked
everybody           GET POST  /auth/confirm/<secret>
everybody           GET POST  /auth/invitation/<secret>
everybody           GET POST  /auth/password/forgot
everybody           GET       /auth/password/asked
everybody           GET POST  /auth/password/reset/<secret>
everybody           GET POST  /auth/address/new/<secret>
everybody           GET POST  /auth/address/old/<secret>
enrolling           GET POST  /auth/proof
enrolling           POST      /auth/proof/challenge
enrolling           POST      /auth/proof/passkey
people              GET POST  /auth/account
people_proved       POST      /auth/account/password
people_proved       POST      /auth/account/address
people              POST      /auth/account/address/withdrawal
people              POST      /auth/account/picture
people              POST      /auth/account/picture/removal
people_proved       POST      /auth/account/export
people_proved       GET POST  /auth/account/departure
enrolling_proved    GET       /auth/account/factors
enrolling_proved    GET POST  /auth/account/factors/app
enrolling_proved    POST      /auth/account/factors/codes
enrolling           POST      /auth/account/factors/codes/file
enrolling_proved    GET POST  /auth/account/factors/app/removal
enrolling_proved    POST      /auth/account/passkeys/challenge
enrolling_proved    POST      /auth/account/passkeys
whose_passkey_it_is POST      /auth/account/passkeys/<int:passkey_id>/name
whose_passkey_it_is GET POST  /auth/account/passkeys/<int:passkey_id>/removal
people              GET       /auth/account/sessions
people              POST      /auth/account/sessions/end
people              POST      /auth/account/sessions/<int:session_id>/end
people              GET       /auth/account/reading-list

people              GET       /write/session
writers             GET       /write
writers             GET POST  /write/posts/new
writers             POST      /write/posts/new/publication
writers             POST      /write/posts/new/working-copy
writers             POST      /write/preview
writers             POST      /write/markdown
writers             GET       /write/suggestions
writers             GET       /write/reviews
writers             GET POST  /write/media
writers             POST      /write/media/descriptions
writers             GET       /write/media/<int:media_id>
whoever_brought_it  POST      /write/media/<int:media_id>
whoever_brought_it  POST      /write/media/<int:media_id>/replacement
whoever_brought_it  POST      /write/media/<int:media_id>/removal

admins              GET       /admin
admins              GET       /admin/posts
admins              GET       /admin/settings
admins_proved       POST      /admin/settings
admins              GET       /admin/audit
admins              GET       /admin/pages
admins              GET       /admin/users
admins              GET       /admin/users/<int:user_id>
admins_proved       POST      /admin/users/<int:user_id>/role
admins_proved       POST      /admin/users/<int:user_id>/deactivation
admins_proved       POST      /admin/users/<int:user_id>/reactivation
admins_proved       POST      /admin/users/<int:user_id>/posts
admins_proved       POST      /admin/users/<int:user_id>/address
admins_proved       POST      /admin/users/<int:user_id>/deletion
admins_proved       POST      /admin/users/<int:user_id>/reset-link
admins_proved       POST      /admin/users/<int:user_id>/sessions/end
admins_proved       POST      /admin/users/<int:user_id>/factors/reset
admins_proved       POST      /admin/users/<int:user_id>/sessions/<int:session_id>/end
admins_proved       POST      /admin/users/changes
admins_proved       POST      /admin/users/export
admins_proved       POST      /admin/audit/export
admins              GET POST  /admin/system
admins              GET       /admin/tags
admins              GET POST  /admin/tags/<int:tag_id>
admins              GET POST  /admin/tags/<int:tag_id>/merging
admins              POST      /admin/tags/<int:tag_id>/deletion
admins              GET       /admin/invitations
admins_proved       POST      /admin/invitations
admins_proved       POST      /admin/invitations/<digest>/renewal
admins              POST      /admin/invitations/<digest>/revocation
admins              POST      /admin/invitations/requests/<digest>/admission
admins              POST      /admin/invitations/requests/<digest>/refusal
admins              GET       /admin/mail
admins              POST      /admin/mail/<int:mail_id>/another-try
admins              POST      /admin/mail/<int:mail_id>/end
admins              POST      /admin/mail/<int:mail_id>/deletion
admins              GET POST  /admin/redirects
admins              GET POST  /admin/redirects/<int:redirect_id>
admins              POST      /admin/redirects/<int:redirect_id>/deletion
admins              POST      /admin/redirects/missing/deletion
admins              POST      /admin/redirects/missing/<int:missing_id>/deletion
"""

OF_POSTS = """
reads_post     GET       /posts/<slug>
reads_page     GET       /<slug>
reads_source   GET       /posts/<slug>.md
leads_to_source  GET     /<slug>.md
reads_card     GET       /posts/<slug>/card-<version>.png
opens_link     GET       /preview/<secret>
keeps          POST      /auth/account/reading-list/<int:post_id>
people         POST      /auth/account/reading-list/<int:post_id>/removal

edits          GET POST  /write/posts/<int:post_id>
edits          POST      /write/posts/<int:post_id>/working-copy
edits          POST      /write/posts/<int:post_id>/working-copies/<uuid:copy_id>/removal
edits          POST      /write/posts/<int:post_id>/presence
edits          GET POST  /write/posts/<int:post_id>/preview
edits          POST      /write/posts/<int:post_id>/publication
edits          POST      /write/posts/<int:post_id>/withdrawal
edits          POST      /write/posts/<int:post_id>/bin
edits          POST      /write/posts/<int:post_id>/restoration
edits          POST      /write/posts/<int:post_id>/copies
edits          GET       /write/posts/<int:post_id>/revisions
edits          GET       /write/posts/<int:post_id>/revisions/<int:number>
edits          POST      /write/posts/<int:post_id>/revisions/<int:number>/restoration
edits          GET       /write/posts/<int:post_id>/comparison
edits          GET POST  /write/posts/<int:post_id>/preview-links
edits          POST      /write/posts/<int:post_id>/preview-links/<int:link_id>/revocation
edits          GET POST  /write/posts/<int:post_id>/reviews
owns           POST      /write/posts/<int:post_id>/author
names_authors  POST      /write/posts/<int:post_id>/co-authors
owns           POST      /write/posts/<int:post_id>/co-authors/<int:user_id>/removal
reviews        GET       /write/reviews/<int:review_id>
reviews        POST      /write/reviews/<int:review_id>/comments
reviews        POST      /write/reviews/<int:review_id>/comments/<int:comment_id>/resolution
decides        POST      /write/reviews/<int:review_id>/verdict
ends_review    POST      /write/reviews/<int:review_id>/closing
"""

# Where an answer that is open must also hold what it is for: or nobody would notice a page that has gone blank.
SHOWS_THE_POST = {
    "/posts/<slug>.md",
    "/preview/<secret>",
    "/write/posts/<int:post_id>",
    "/write/posts/<int:post_id>/preview",
    "/write/posts/<int:post_id>/revisions/<int:number>",
    "/write/reviews/<int:review_id>",
}


@dataclass(frozen=True)
class Line:
    """One address and one method of it, and the rule there."""

    rule: Rule
    method: str
    address: str


def lines(table: str) -> list[Line]:
    found = []
    for row in filter(None, map(str.strip, table.splitlines())):
        name, rest = row.split(maxsplit=1)
        methods, slash, address = rest.partition("/")
        found += [Line(globals()[name], method, slash + address) for method in methods.split()]
    return found
