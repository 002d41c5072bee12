"""Every model, named once."""

from blog.database import Base, bound_lengths
from blog.models import tag_counts as tag_counts  # its triggers hang on the tables
from blog.models.audit import AuditEntry, record
from blog.models.co_writing import CoAuthorError, name_co_author, remove_co_author
from blog.models.credentials import LoginSession
from blog.models.device import KnownDevice
from blog.models.edition import Edition
from blog.models.factors import Authenticator, RecoveryCode
from blog.models.handover import HandOverError, hand_over, hand_over_all
from blog.models.history import OldSlug, Revision
from blog.models.leaving import leave
from blog.models.mail import Mail, MailBusyError, MailState, mails_in_trouble
from blog.models.media import Media, MediaUse, UsedPictureError
from blog.models.missing import Missing
from blog.models.passkey import Passkey
from blog.models.post import Post
from blog.models.presence import Presence
from blog.models.preview_link import PreviewLink, PreviewUse, Shows
from blog.models.publication import PostKind, PostStatus, PublishError, StaleError, Visibility
from blog.models.reading_list import Kept
from blog.models.redirect import Redirect
from blog.models.review import Review, ReviewError, Verdict
from blog.models.review_comment import ReviewComment
from blog.models.rights import GRANTS, Can, UserRole
from blog.models.site import ClockGapError, FactorNeededError, Registration, Site
from blog.models.tag import Tag
from blog.models.tagging import UsedTagError, delete_tag, merge_tags, rename_tag
from blog.models.throttle import Throttle
from blog.models.token import Purpose, Token
from blog.models.user import AddressTakenError, Anonymous, LastAdminError, User
from blog.models.working_copy import TooManyCopiesError, WorkingCopy

__all__ = [
    "GRANTS",
    "AddressTakenError",
    "Anonymous",
    "AuditEntry",
    "Authenticator",
    "Can",
    "ClockGapError",
    "CoAuthorError",
    "Edition",
    "FactorNeededError",
    "HandOverError",
    "Kept",
    "KnownDevice",
    "LastAdminError",
    "LoginSession",
    "Mail",
    "MailBusyError",
    "MailState",
    "Media",
    "MediaUse",
    "Missing",
    "OldSlug",
    "Passkey",
    "Post",
    "PostKind",
    "PostStatus",
    "Presence",
    "PreviewLink",
    "PreviewUse",
    "PublishError",
    "Purpose",
    "RecoveryCode",
    "Redirect",
    "Registration",
    "Review",
    "ReviewComment",
    "ReviewError",
    "Revision",
    "Shows",
    "Site",
    "StaleError",
    "Tag",
    "Throttle",
    "Token",
    "TooManyCopiesError",
    "UsedPictureError",
    "UsedTagError",
    "User",
    "UserRole",
    "Verdict",
    "Visibility",
    "WorkingCopy",
    "delete_tag",
    "hand_over",
    "hand_over_all",
    "leave",
    "mails_in_trouble",
    "merge_tags",
    "name_co_author",
    "record",
    "remove_co_author",
    "rename_tag",
]

bound_lengths(Base.metadata)
