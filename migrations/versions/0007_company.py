"""company: who has a post open, previews for guests, reviews

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-26

"""

from alembic import op
import sqlalchemy as sa
from blog.database import UTCDateTime, database_now

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('presence',
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('since', UTCDateTime(), nullable=False),
    sa.Column('seen_at', UTCDateTime(), nullable=False),
    sa.Column('expires', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_presence_post_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_presence_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('post_id', 'user_id', name=op.f('pk_presence'))
    )
    op.create_index(op.f('ix_presence_user_id'), 'presence', ['user_id'])
    op.create_table('preview_links',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('shows', sa.Enum('saved', 'revision', 'copy', name='shows', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('created_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('expires_at', UTCDateTime(), nullable=False),
    sa.Column('revoked_at', UTCDateTime(), nullable=True),
    sa.Column('uses', sa.Integer(), server_default='0', nullable=False),
    sa.Column('used_at', UTCDateTime(), nullable=True),
    sa.CheckConstraint("(shows = 'revision') = (number IS NOT NULL)", name=op.f('ck_preview_links_names_revision')),
    sa.CheckConstraint('length(digest) <= 64', name=op.f('ck_preview_links_digest_length')),
    sa.CheckConstraint('uses >= 0', name=op.f('ck_preview_links_has_uses')),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_preview_links_by_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_preview_links_post_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_preview_links')),
    sa.UniqueConstraint('digest', name=op.f('uq_preview_links_digest')),
    sa.UniqueConstraint('uid', name=op.f('uq_preview_links_uid'))
    )
    op.create_index(op.f('ix_preview_links_by_id'), 'preview_links', ['by_id'])
    op.create_index(op.f('ix_preview_links_expires_at'), 'preview_links', ['expires_at'])
    op.create_index(op.f('ix_preview_links_post_id'), 'preview_links', ['post_id'])
    op.create_table('preview_uses',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('link_id', sa.Integer(), nullable=False),
    sa.Column('at', UTCDateTime(), nullable=False),
    sa.Column('origin', sa.String(length=60), nullable=False),
    sa.CheckConstraint('length(origin) <= 60', name=op.f('ck_preview_uses_origin_length')),
    sa.ForeignKeyConstraint(['link_id'], ['preview_links.id'], name=op.f('fk_preview_uses_link_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_preview_uses'))
    )
    op.create_index(op.f('ix_preview_uses_link_id'), 'preview_uses', ['link_id'])
    op.create_table('reviews',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=True),
    sa.Column('reviewer_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=2000), nullable=False),
    sa.Column('asked_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('verdict', sa.Enum('approved', 'returned', name='verdict', native_enum=False, create_constraint=True, length=20), nullable=True),
    sa.Column('words', sa.String(length=2000), nullable=False),
    sa.Column('decided_at', UTCDateTime(), nullable=True),
    sa.Column('ended_at', UTCDateTime(), nullable=True),
    sa.CheckConstraint('(verdict IS NULL) = (decided_at IS NULL)', name=op.f('ck_reviews_decided_once')),
    sa.CheckConstraint('asked_by_id <> reviewer_id', name=op.f('ck_reviews_of_another')),
    sa.CheckConstraint('length(note) <= 2000', name=op.f('ck_reviews_note_length')),
    sa.CheckConstraint('length(words) <= 2000', name=op.f('ck_reviews_words_length')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['users.id'], name=op.f('fk_reviews_asked_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['post_id', 'number'], ['revisions.post_id', 'revisions.number'], name=op.f('fk_reviews_post_id_number'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['reviewer_id'], ['users.id'], name=op.f('fk_reviews_reviewer_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reviews'))
    )
    op.create_index(op.f('ix_reviews_asked_by_id_id'), 'reviews', ['asked_by_id', 'id'])
    op.create_index('ix_reviews_open', 'reviews', ['post_id', 'number', 'reviewer_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_index(op.f('ix_reviews_post_id_number'), 'reviews', ['post_id', 'number'])
    op.create_index(op.f('ix_reviews_reviewer_id_id'), 'reviews', ['reviewer_id', 'id'])
    op.create_table('review_comments',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('paragraph', sa.Integer(), nullable=True),
    sa.Column('quote', sa.String(length=500), nullable=False),
    sa.Column('words', sa.String(length=2000), nullable=False),
    sa.Column('resolved_at', UTCDateTime(), nullable=True),
    sa.Column('resolved_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("words <> ''", name=op.f('ck_review_comments_has_words')),
    sa.CheckConstraint('length(quote) <= 500', name=op.f('ck_review_comments_quote_length')),
    sa.CheckConstraint('length(words) <= 2000', name=op.f('ck_review_comments_words_length')),
    sa.CheckConstraint('paragraph > 0', name=op.f('ck_review_comments_has_paragraph')),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_review_comments_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['resolved_by_id'], ['users.id'], name=op.f('fk_review_comments_resolved_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['review_id'], ['reviews.id'], name=op.f('fk_review_comments_review_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_comments')),
    sa.UniqueConstraint('uid', name=op.f('uq_review_comments_uid'))
    )
    op.create_index(op.f('ix_review_comments_by_id'), 'review_comments', ['by_id'])
    op.create_index(op.f('ix_review_comments_review_id_id'), 'review_comments', ['review_id', 'id'])


def downgrade():
    for table in ("review_comments", "reviews", "preview_uses", "preview_links", "presence"):
        op.drop_table(table)
