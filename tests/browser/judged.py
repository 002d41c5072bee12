"""Every page that axe judges, by whose browser it is seen in: a test fails where one is missing here.

A line holds the address the page stands at, with holes that `judged_world` fills; the template it is made of; and,
where opening the address is not enough, the way to it: a function of `judged_ways`. Some ways change the site for what
is below them.
"""

from dataclasses import dataclass

NOBODY_YET = """
/setup/{setup}                          auth/setup.html
/setup/{setup}                          auth/setup.html              nothing_typed
"""

STRANGER = """
/                                       posts/index.html
/?page=2                                posts/index.html
/posts/tides                            posts/show.html
/posts/for-members                      posts/show.html
/about                                  posts/page.html
/archive                                posts/archive.html
/archive/{year}                         posts/archive.html
/archive/{year}/{month}                 posts/archive.html
/authors                                posts/authors.html
/authors/ada                            posts/author.html
/tags                                   posts/tags.html
/tags/tides                             posts/tag.html
/search                                 posts/search.html
/search?q=tides                         posts/search.html
/search?q=quixotry                      posts/search.html
/preview/{preview}                      posts/show.html
/auth/login                             auth/login.html
/auth/login                             auth/login.html              nothing_typed
/auth/login                             auth/login.html              wrong_password
/auth/login/code                        auth/code.html               password_given
/auth/login/code                        auth/code.html               wrong_code
/auth/link/{sign_in}                    auth/link.html
/auth/register                          auth/register.html
/auth/register                          auth/register.html           nothing_typed
/auth/register/asked                    auth/asked.html
/auth/confirm/{confirmation}            auth/confirm.html
/auth/confirm/{confirmation}            auth/confirm.html            nothing_typed
/auth/confirm/of-nothing                auth/void_link.html
/auth/invitation/{invitation}           auth/invitation.html
/auth/invitation/{invitation}           auth/invitation.html         nothing_typed
/auth/invitation/{too_late}             auth/taken.html              invitation_accepted
/auth/password/forgot                   auth/forgotten.html
/auth/password/forgot                   auth/forgotten.html          nothing_typed
/auth/password/asked                    auth/letter_sent.html
/auth/password/reset/{reset}            auth/reset.html
/auth/password/reset/{reset}            auth/reset.html              nothing_typed
/auth/address/new/{new_address}         auth/address.html
/auth/address/old/{old_address}         auth/address.html
/auth/address/new/{taken_address}       auth/address.html
/auth/address/old/{lost_address}        auth/address.html            change_taken_back
/nowhere                                error.html
/posts/taken-back                       error.html
/search?q=tides&after=x                 error.html
/auth/register/asked                    auth/asked.html              without_mail
/auth/password/forgot                   auth/forgotten.html          without_mail
/auth/register                          auth/register_closed.html    by_invitation
/auth/register                          auth/register_closed.html    closed
/auth/login                             auth/login.html              too_many_tries
/search?q=400                           error.html                   broken
/search?q=409                           error.html                   broken
/search?q=413                           error.html                   broken
/search?q=429                           error.html                   broken
/search?q=500                           error.html                   broken
/search?q=503                           error_bare.html              broken
"""

READER = """
/posts/for-members                      posts/show.html
/auth/account                           auth/account.html
/auth/account/departure                 auth/departure.html
/auth/account/departure                 auth/departure.html          nothing_typed
/auth/account/factors                   auth/factors.html
/auth/account/reading-list              auth/reading_list.html
/auth/invitation/{invitation}           auth/invitation.html
/admin                                  error.html
"""

EDITOR = """
/auth/account                           auth/account.html
/auth/account                           auth/account.html            nothing_typed
/auth/account                           auth/account.html            portrait_chosen
/auth/account/password                  auth/account.html            wrong_password_of_now
/auth/account/departure                 auth/departure.html
/auth/account/departure                 auth/departure.html          nothing_typed
/auth/account/factors                   auth/factors.html            passkey_looked_at
/auth/account/passkeys/{passkey}/name   auth/factors.html            passkey_renamed_to_nothing
/auth/account/factors/app               auth/app.html
/auth/account/factors/app               auth/app.html                nothing_typed
/auth/account/factors/app/removal       auth/factor_removal.html
/auth/account/passkeys/{passkey}/removal    auth/factor_removal.html
/auth/account/factors/codes             auth/recovery_codes.html     codes_made
/auth/account/sessions                  auth/sessions.html
/auth/account/reading-list              auth/reading_list.html
/authors/ada                            posts/author.html
/write                                  posts/desk.html
/write?state=changed                    posts/desk.html
/write?state=binned                     posts/desk.html
/write?q=quixotry                       posts/desk.html
/write/posts/new                        posts/editor.html
/write/posts/new/publication            posts/editor.html            nothing_written
/write/posts/{post}                     posts/editor.html
/write/posts/{post}/revisions           posts/revisions.html
/write/posts/{post}/revisions/1         posts/revision.html
/write/posts/{post}/comparison?from=live&to=2   posts/comparison.html
/write/posts/{post}/preview             posts/show.html
/write/posts/{post}/preview-links       posts/preview_links.html
/write/posts/{post}/preview-links       posts/preview_link.html      preview_link_made
/write/posts/{post}/reviews             posts/reviews_of_post.html
/write/reviews                          posts/reviews.html
/write/reviews/{review}                 posts/review.html
/write/media                            posts/media.html
/write/media                            posts/media.html             picture_uploaded
/write/media?missing=alt                posts/media.html
/write/media/1                          posts/media_picture.html
/write/posts/{post}                     posts/merge.html             met_another
/write/posts/{post}                     auth/login.html              signed_out_meanwhile
/auth/login                             resume.html                  signed_in_again
/write/posts/{post}                     error.html                   refused_meanwhile
/auth/proof                             auth/proof.html              long_ago
/auth/proof                             auth/proof.html              nothing_typed
/auth/account/address                   auth/proof.html              asked_to_prove
"""

ENROLLED_LATE = """
/auth/account/passkeys/{only_passkey}/removal   auth/factor_removal.html   nothing_typed
/write/posts/{draft}                    auth/enrol_first.html        rule_come_meanwhile
/auth/account/factors                   auth/factors.html
"""

ADMIN = """
/admin                                  admin/dashboard.html
/admin?range=12-months                  admin/dashboard.html
/admin                                  admin/dashboard.html         numbers_opened
/admin/audit                            admin/audit.html
/admin/audit?since=x&origin=x           admin/audit.html
/admin/audit?q=quixotry                 admin/audit.html
/admin/invitations                      admin/invitations.html
/admin/invitations                      admin/invitations.html       nothing_typed
/admin/invitations                      admin/invitations.html       invitations_looked_at
/admin/invitations                      admin/invitations.html       invited
/admin/mail                             admin/mail.html
/admin/mail?state=given-up              admin/mail.html
/admin/mail?state=being-sent            admin/mail.html
/admin/pages                            admin/pages.html
/admin/redirects                        admin/redirects.html
/admin/redirects                        admin/redirects.html         nothing_typed
/admin/redirects?q=quixotry             admin/redirects.html
/admin/redirects/{redirect}             admin/redirect.html
/admin/redirects/{redirect}             admin/redirect.html          nothing_typed
/admin/settings                         admin/settings.html
/admin/settings                         admin/settings.html          nothing_typed
/admin/settings                         admin/settings.html          settings_shown_first
/admin/system                           admin/system.html
/admin/system                           admin/system.html            all_checked
/admin/tags                             admin/tags.html
/admin/tags?q=quixotry                  admin/tags.html
/admin/tags/{tag}                       admin/tag.html
/admin/tags/{tag}                       admin/tag.html               nothing_typed
/admin/tags/{tag}                       admin/tag.html               renamed_as_another
/admin/tags/{tag}/merging?into=Sea      admin/merge_tags.html
/admin/tags/{tag}/merging?into=quixotry admin/tag.html
/admin/users                            admin/users.html
/admin/users?sort=oldest&state=left     admin/users.html
/admin/users?q=quixotry                 admin/users.html
/admin/users/{ada}                      admin/user.html              all_opened
/admin/users/{ben}                      admin/user.html
/admin/users/{boss}                     admin/user.html
/admin/users/{gone}                     admin/user.html
/admin/users/{banned}                   admin/user.html
/admin/users/{ada}/reset-link           admin/user.html              reset_link_made
/admin/users/{ada}/posts                admin/user.html              handed_over_to_nobody
/admin/users/{ada}/address              admin/user.html              moved_to_nowhere
/admin/users/{ada}/deletion             admin/user.html              deleted_without_a_word
/admin/invitations                      admin/invitations.html       closed
"""

GROUPS = {  # who sees these pages, one of the people of `judged_world`
    "nobody yet": NOBODY_YET,
    "stranger": STRANGER,
    "reader": READER,
    "ada": EDITOR,
    "ben": ENROLLED_LATE,
    "boss": ADMIN,
}

NO_PAGES = {  # what a GET answers with something else than a page of HTML
    "admin.posts": "leads to the desk",
    "posts.security": "a text for machines",
    "posts.page_source": "Markdown",
    "posts.post_source": "Markdown",
    "posts.touch_icon": "a picture",
    "posts.favicon": "a picture",
    "posts.large_icon": "a picture",
    "posts.icon_svg": "a picture",
    "posts.card": "a picture",
    "posts.media": "a picture",
    "posts.feed": "a feed",
    "posts.author_feed": "a feed",
    "posts.tag_feed": "a feed",
    "posts.opensearch": "XML for browsers",
    "posts.robots": "a text for machines",
    "posts.sitemap": "XML for machines",
    "posts.sitemap_part": "XML for machines",
    "posts.healthz": "a word for machines",
    "posts.readyz": "a word for machines",
    "posts.session": "JSON for scripts",
    "posts.suggestions": "JSON for scripts",
}


@dataclass(frozen=True)
class Judged:
    address: str
    template: str
    way: str = "gone_to"

    def __str__(self) -> str:
        return f"{self.address} ({self.way})"


def lines(group: str) -> list[Judged]:
    return [Judged(*line.split()) for line in GROUPS[group].strip().splitlines()]
