"""Every model, named once."""

from blog.database import Base, bound_lengths
from blog.models import tag_counts as tag_counts  # its triggers hang on the tables
from blog.models.audit import AuditEntry, record
from blog.models.credentials import LoginSession, Purpose, Token
from blog.models.edition import Edition
from blog.models.handover import HandOverError, hand_over, hand_over_all
from blog.models.history import OldSlug, Revision
from blog.models.media import Media, MediaUse, UsedPictureError
from blog.models.missing import Missing
from blog.models.post import Post
from blog.models.publication import PostKind, PostStatus, PublishError, StaleError, Visibility
from blog.models.reading_list import Kept
from blog.models.redirect import Redirect
from blog.models.rights import GRANTS, Can, UserRole
from blog.models.site import ClockGapError, Registration, Site
from blog.models.tag import Tag
from blog.models.throttle import Throttle
from blog.models.user import Anonymous, LastAdminError, User
from blog.models.working_copy import TooManyCopiesError, WorkingCopy

__all__ = [
    "GRANTS",
    "Anonymous",
    "AuditEntry",
    "Can",
    "ClockGapError",
    "Edition",
    "HandOverError",
    "Kept",
    "LastAdminError",
    "LoginSession",
    "Media",
    "MediaUse",
    "Missing",
    "OldSlug",
    "Post",
    "PostKind",
    "PostStatus",
    "PublishError",
    "Purpose",
    "Redirect",
    "Registration",
    "Revision",
    "Site",
    "StaleError",
    "Tag",
    "Throttle",
    "Token",
    "TooManyCopiesError",
    "UsedPictureError",
    "User",
    "UserRole",
    "Visibility",
    "WorkingCopy",
    "hand_over",
    "hand_over_all",
    "record",
]

bound_lengths(Base.metadata)
