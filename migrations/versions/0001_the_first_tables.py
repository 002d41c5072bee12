"""the first tables

Revision ID: 0001
Revises: 
Create Date: 2026-11-24 02:48:32.915488
"""

import sqlalchemy as sa
from alembic import op
from blog.database import UTCDateTime
from blog.database import database_now

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('edition',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_edition_only_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_edition'))
    )
    op.create_table('missing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('path', sa.String(length=500), nullable=False),
    sa.Column('times', sa.Integer(), server_default='1', nullable=False),
    sa.Column('referrer', sa.String(length=500), server_default='', nullable=False),
    sa.Column('first_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('last_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.CheckConstraint('length(path) <= 500', name=op.f('ck_missing_path_length')),
    sa.CheckConstraint('length(referrer) <= 500', name=op.f('ck_missing_referrer_length')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_missing')),
    sa.UniqueConstraint('path', name=op.f('uq_missing_path'))
    )
    with op.batch_alter_table('missing', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_missing_last_at_id'), ['last_at', 'id'], unique=False)

    op.create_table('site',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('tagline', sa.String(length=200), nullable=False),
    sa.Column('time_zone', sa.String(length=60), nullable=False),
    sa.Column('description', sa.String(length=300), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('hue', sa.Integer(), nullable=False),
    sa.Column('chroma', sa.Integer(), nullable=False),
    sa.Column('navigation', sa.JSON(), nullable=False),
    sa.Column('posts_per_page', sa.Integer(), nullable=False),
    sa.Column('registration', sa.Enum('open', 'closed', name='registration', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('created_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('updated_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.CheckConstraint("title <> ''", name=op.f('ck_site_has_title')),
    sa.CheckConstraint('hue BETWEEN 0 AND 360 AND chroma BETWEEN 0 AND 100', name=op.f('ck_site_accent')),
    sa.CheckConstraint('id = 1', name=op.f('ck_site_only_one')),
    sa.CheckConstraint('length(description) <= 300', name=op.f('ck_site_description_length')),
    sa.CheckConstraint('length(language) <= 35', name=op.f('ck_site_language_length')),
    sa.CheckConstraint('length(tagline) <= 200', name=op.f('ck_site_tagline_length')),
    sa.CheckConstraint('length(time_zone) <= 60', name=op.f('ck_site_time_zone_length')),
    sa.CheckConstraint('length(title) <= 80', name=op.f('ck_site_title_length')),
    sa.CheckConstraint('posts_per_page BETWEEN 1 AND 100', name=op.f('ck_site_posts_per_page')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site'))
    )
    op.create_table('tags',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('dated_posts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('created_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('updated_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.CheckConstraint("name <> '' AND slug <> ''", name=op.f('ck_tags_has_name')),
    sa.CheckConstraint('length(name) <= 60', name=op.f('ck_tags_name_length')),
    sa.CheckConstraint('length(slug) <= 80', name=op.f('ck_tags_slug_length')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tags')),
    sa.UniqueConstraint('slug', name=op.f('uq_tags_slug'))
    )
    op.create_table('throttles',
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('since', UTCDateTime(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.CheckConstraint('length("key") <= 120', name=op.f('ck_throttles_key_length')),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_throttles'))
    )
    op.create_table('users',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('password_hash', sa.String(length=255), nullable=False),
    sa.Column('role', sa.Enum('admin', 'editor', 'viewer', name='userrole', native_enum=False, create_constraint=True, length=20), server_default='viewer', nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('handle', sa.String(length=60), nullable=False),
    sa.Column('biography', sa.String(length=2000), server_default='', nullable=False),
    sa.Column('website', sa.String(length=300), server_default='', nullable=False),
    sa.Column('is_active', sa.Boolean(), server_default='1', nullable=False),
    sa.Column('created_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('updated_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.CheckConstraint("name <> '' AND handle <> ''", name=op.f('ck_users_has_name')),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_users_email_is_lower_case')),
    sa.CheckConstraint('length(biography) <= 2000', name=op.f('ck_users_biography_length')),
    sa.CheckConstraint('length(email) <= 320', name=op.f('ck_users_email_length')),
    sa.CheckConstraint('length(handle) <= 60', name=op.f('ck_users_handle_length')),
    sa.CheckConstraint('length(name) <= 120', name=op.f('ck_users_name_length')),
    sa.CheckConstraint('length(password_hash) <= 255', name=op.f('ck_users_password_hash_length')),
    sa.CheckConstraint('length(website) <= 300', name=op.f('ck_users_website_length')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('email', name=op.f('uq_users_email')),
    sa.UniqueConstraint('handle', name=op.f('uq_users_handle'))
    )
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_users_name_id'), ['name', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_users_role_is_active'), ['role', 'is_active'], unique=False)

    op.create_table('audit_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=120), nullable=False),
    sa.Column('origin', sa.String(length=60), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=340), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.CheckConstraint('length(action) <= 40', name=op.f('ck_audit_entries_action_length')),
    sa.CheckConstraint('length(actor_name) <= 120', name=op.f('ck_audit_entries_actor_name_length')),
    sa.CheckConstraint('length(origin) <= 60', name=op.f('ck_audit_entries_origin_length')),
    sa.CheckConstraint('length(subject) <= 340', name=op.f('ck_audit_entries_subject_length')),
    sa.ForeignKeyConstraint(['actor_id'], ['users.id'], name=op.f('fk_audit_entries_actor_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entries_action_id'), ['action', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entries_actor_id'), ['actor_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entries_at'), ['at'], unique=False)

    op.create_table('login_sessions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('created_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('expires_at', UTCDateTime(), nullable=False),
    sa.Column('agent', sa.String(length=200), nullable=False),
    sa.Column('origin', sa.String(length=60), nullable=False),
    sa.Column('by_link', sa.Boolean(), nullable=False),
    sa.CheckConstraint('length(agent) <= 200', name=op.f('ck_login_sessions_agent_length')),
    sa.CheckConstraint('length(digest) <= 64', name=op.f('ck_login_sessions_digest_length')),
    sa.CheckConstraint('length(origin) <= 60', name=op.f('ck_login_sessions_origin_length')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_login_sessions_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_sessions')),
    sa.UniqueConstraint('digest', name=op.f('uq_login_sessions_digest'))
    )
    with op.batch_alter_table('login_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_sessions_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_login_sessions_user_id'), ['user_id'], unique=False)

    op.create_table('media',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('media_type', sa.String(length=40), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('created_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('updated_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.CheckConstraint('length(media_type) <= 40', name=op.f('ck_media_media_type_length')),
    sa.CheckConstraint('length(name) <= 120', name=op.f('ck_media_name_length')),
    sa.CheckConstraint('width > 0 AND height > 0 AND size > 0', name=op.f('ck_media_has_size')),
    sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_media_owner_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_media')),
    sa.UniqueConstraint('name', name=op.f('uq_media_name'))
    )
    with op.batch_alter_table('media', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_media_owner_id'), ['owner_id'], unique=False)

    op.create_table('posts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('post', 'page', name='postkind', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('slug', sa.String(length=120), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('summary', sa.String(length=300), nullable=False),
    sa.Column('excerpt', sa.String(length=300), nullable=False),
    sa.Column('cover', sa.String(length=200), nullable=False),
    sa.Column('cover_alt', sa.String(length=500), nullable=False),
    sa.Column('picture', sa.String(length=200), nullable=False),
    sa.Column('picture_alt', sa.String(length=500), nullable=False),
    sa.Column('words', sa.Integer(), nullable=False),
    sa.Column('renderer', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('visibility', sa.Enum('public', 'members', name='visibility', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('featured', sa.Boolean(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('published_at', UTCDateTime(), nullable=True),
    sa.Column('first_published_at', UTCDateTime(), nullable=True),
    sa.Column('binned_at', UTCDateTime(), nullable=True),
    sa.Column('edited_at', UTCDateTime(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=500), nullable=True),
    sa.Column('source_digest', sa.String(length=64), nullable=True),
    sa.Column('created_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('updated_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('html', sa.Text(), nullable=False),
    sa.Column('terms', sa.Text(), nullable=False),
    sa.CheckConstraint("published_at IS NULL OR title <> ''", name=op.f('ck_posts_published_has_title')),
    sa.CheckConstraint("slug <> ''", name=op.f('ck_posts_has_slug')),
    sa.CheckConstraint('length(cover) <= 200', name=op.f('ck_posts_cover_length')),
    sa.CheckConstraint('length(cover_alt) <= 500', name=op.f('ck_posts_cover_alt_length')),
    sa.CheckConstraint('length(excerpt) <= 300', name=op.f('ck_posts_excerpt_length')),
    sa.CheckConstraint('length(language) <= 35', name=op.f('ck_posts_language_length')),
    sa.CheckConstraint('length(picture) <= 200', name=op.f('ck_posts_picture_length')),
    sa.CheckConstraint('length(picture_alt) <= 500', name=op.f('ck_posts_picture_alt_length')),
    sa.CheckConstraint('length(slug) <= 120', name=op.f('ck_posts_slug_length')),
    sa.CheckConstraint('length(source) <= 500', name=op.f('ck_posts_source_length')),
    sa.CheckConstraint('length(source_digest) <= 64', name=op.f('ck_posts_source_digest_length')),
    sa.CheckConstraint('length(summary) <= 300', name=op.f('ck_posts_summary_length')),
    sa.CheckConstraint('length(title) <= 200', name=op.f('ck_posts_title_length')),
    sa.CheckConstraint('revision > 0', name=op.f('ck_posts_has_revision')),
    sa.ForeignKeyConstraint(['author_id'], ['users.id'], name=op.f('fk_posts_author_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_posts')),
    sa.UniqueConstraint('slug', name=op.f('uq_posts_slug')),
    sa.UniqueConstraint('source', name=op.f('uq_posts_source')),
    sa.UniqueConstraint('uid', name=op.f('uq_posts_uid'))
    )
    with op.batch_alter_table('posts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_posts_author_id_published_at_id'), ['author_id', 'published_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_posts_binned_at'), ['binned_at'], unique=False, sqlite_where=sa.text('binned_at IS NOT NULL'), postgresql_where=sa.text('binned_at IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_posts_featured_published_at'), ['featured', 'published_at'], unique=False)
        batch_op.create_index('ix_posts_known_updated_at', ['updated_at'], unique=False, sqlite_where=sa.text('first_published_at IS NOT NULL'), postgresql_where=sa.text('first_published_at IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_posts_published_at_id'), ['published_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_posts_source_digest'), ['source_digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_posts_updated_at_id'), ['updated_at', 'id'], unique=False)

    op.create_table('tokens',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('purpose', sa.Enum('setup', 'sign-in', name='purpose', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('expires_at', UTCDateTime(), nullable=False),
    sa.CheckConstraint('length(digest) <= 64', name=op.f('ck_tokens_digest_length')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_tokens_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tokens')),
    sa.UniqueConstraint('digest', name=op.f('uq_tokens_digest'))
    )
    with op.batch_alter_table('tokens', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tokens_user_id'), ['user_id'], unique=False)

    op.create_table('old_slugs',
    sa.Column('slug', sa.String(length=120), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.CheckConstraint('length(slug) <= 120', name=op.f('ck_old_slugs_slug_length')),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_old_slugs_post_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('slug', name=op.f('pk_old_slugs'))
    )
    with op.batch_alter_table('old_slugs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_old_slugs_post_id'), ['post_id'], unique=False)

    op.create_table('post_co_authors',
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_post_co_authors_post_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_post_co_authors_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('post_id', 'user_id', name=op.f('pk_post_co_authors'))
    )
    with op.batch_alter_table('post_co_authors', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_post_co_authors_user_id_post_id'), ['user_id', 'post_id'], unique=False)

    op.create_table('post_tags',
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('tag_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_post_tags_post_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tag_id'], ['tags.id'], name=op.f('fk_post_tags_tag_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('post_id', 'tag_id', name=op.f('pk_post_tags'))
    )
    with op.batch_alter_table('post_tags', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_post_tags_tag_id_post_id'), ['tag_id', 'post_id'], unique=False)

    op.create_table('reading_list',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('kept_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_reading_list_post_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_reading_list_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'post_id', name=op.f('pk_reading_list'))
    )
    with op.batch_alter_table('reading_list', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reading_list_post_id'), ['post_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reading_list_user_id_kept_at_post_id'), ['user_id', 'kept_at', 'post_id'], unique=False)

    op.create_table('redirects',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('path', sa.String(length=500), nullable=False),
    sa.Column('target', sa.String(length=500), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=True),
    sa.Column('created_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('updated_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.CheckConstraint("(post_id IS NULL) = (target <> '')", name=op.f('ck_redirects_leads_to_one')),
    sa.CheckConstraint('length(path) <= 500', name=op.f('ck_redirects_path_length')),
    sa.CheckConstraint('length(target) <= 500', name=op.f('ck_redirects_target_length')),
    sa.CheckConstraint('path <> target', name=op.f('ck_redirects_leads_elsewhere')),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_redirects_post_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_redirects')),
    sa.UniqueConstraint('path', name=op.f('uq_redirects_path'))
    )
    with op.batch_alter_table('redirects', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_redirects_post_id'), ['post_id'], unique=False)

    op.create_table('revisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(length=40), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('slug', sa.String(length=120), nullable=False),
    sa.Column('summary', sa.String(length=300), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('tags', sa.JSON(), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('visibility', sa.String(length=20), nullable=False),
    sa.Column('cover', sa.String(length=200), nullable=False),
    sa.Column('cover_alt', sa.String(length=500), nullable=False),
    sa.Column('published_at', UTCDateTime(), nullable=True),
    sa.CheckConstraint('length(cover) <= 200', name=op.f('ck_revisions_cover_length')),
    sa.CheckConstraint('length(cover_alt) <= 500', name=op.f('ck_revisions_cover_alt_length')),
    sa.CheckConstraint('length(language) <= 35', name=op.f('ck_revisions_language_length')),
    sa.CheckConstraint('length(slug) <= 120', name=op.f('ck_revisions_slug_length')),
    sa.CheckConstraint('length(summary) <= 300', name=op.f('ck_revisions_summary_length')),
    sa.CheckConstraint('length(title) <= 200', name=op.f('ck_revisions_title_length')),
    sa.CheckConstraint('length(visibility) <= 20', name=op.f('ck_revisions_visibility_length')),
    sa.CheckConstraint('length(what) <= 40', name=op.f('ck_revisions_what_length')),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_revisions_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_revisions_post_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revisions')),
    sa.UniqueConstraint('post_id', 'number', name=op.f('uq_revisions_post_id_number'))
    )
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_revisions_by_id'), ['by_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_revisions_by_id'))

    op.drop_table('revisions')
    with op.batch_alter_table('redirects', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_redirects_post_id'))

    op.drop_table('redirects')
    with op.batch_alter_table('reading_list', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reading_list_user_id_kept_at_post_id'))
        batch_op.drop_index(batch_op.f('ix_reading_list_post_id'))

    op.drop_table('reading_list')
    with op.batch_alter_table('post_tags', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_post_tags_tag_id_post_id'))

    op.drop_table('post_tags')
    with op.batch_alter_table('post_co_authors', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_post_co_authors_user_id_post_id'))

    op.drop_table('post_co_authors')
    with op.batch_alter_table('old_slugs', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_old_slugs_post_id'))

    op.drop_table('old_slugs')
    with op.batch_alter_table('tokens', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tokens_user_id'))

    op.drop_table('tokens')
    with op.batch_alter_table('posts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_posts_updated_at_id'))
        batch_op.drop_index(batch_op.f('ix_posts_source_digest'))
        batch_op.drop_index(batch_op.f('ix_posts_published_at_id'))
        batch_op.drop_index('ix_posts_known_updated_at', sqlite_where=sa.text('first_published_at IS NOT NULL'), postgresql_where=sa.text('first_published_at IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_posts_featured_published_at'))
        batch_op.drop_index(batch_op.f('ix_posts_binned_at'), sqlite_where=sa.text('binned_at IS NOT NULL'), postgresql_where=sa.text('binned_at IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_posts_author_id_published_at_id'))

    op.drop_table('posts')
    with op.batch_alter_table('media', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_media_owner_id'))

    op.drop_table('media')
    with op.batch_alter_table('login_sessions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_login_sessions_user_id'))
        batch_op.drop_index(batch_op.f('ix_login_sessions_expires_at'))

    op.drop_table('login_sessions')
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entries_at'))
        batch_op.drop_index(batch_op.f('ix_audit_entries_actor_id'))
        batch_op.drop_index(batch_op.f('ix_audit_entries_action_id'))

    op.drop_table('audit_entries')
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_users_role_is_active'))
        batch_op.drop_index(batch_op.f('ix_users_name_id'))

    op.drop_table('users')
    op.drop_table('throttles')
    op.drop_table('tags')
    op.drop_table('site')
    with op.batch_alter_table('missing', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_missing_last_at_id'))

    op.drop_table('missing')
    op.drop_table('edition')
