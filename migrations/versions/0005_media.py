"""the library of pictures

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-26

"""

import re

from alembic import op
import sqlalchemy as sa

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BATCH = 200
NAME = re.compile(r"(?<=/media/)([0-9a-f]{2}/[0-9a-f]{32}-[1-9][0-9]{0,4}x[1-9][0-9]{0,4}\.(?:jpg|png|gif|webp|avif))")
TRIGGER = "edition_media_update"
SQLITE = f"""CREATE TRIGGER {TRIGGER} AFTER UPDATE OF focus_x, focus_y ON media WHEN 1 = 1
BEGIN UPDATE edition SET number = number + 1; END"""
POSTGRESQL = f"""CREATE CONSTRAINT TRIGGER {TRIGGER} AFTER UPDATE OF focus_x, focus_y ON media DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (1 = 1) EXECUTE FUNCTION new_edition()"""


def upgrade():
    with op.batch_alter_table('media', schema=None) as batch_op:
        batch_op.add_column(sa.Column('file_name', sa.String(length=200), server_default='', nullable=False))
        batch_op.add_column(sa.Column('alt', sa.String(length=500), server_default='', nullable=False))
        batch_op.add_column(sa.Column('focus_x', sa.Integer(), server_default='2', nullable=False))
        batch_op.add_column(sa.Column('focus_y', sa.Integer(), server_default='2', nullable=False))
        batch_op.add_column(sa.Column('widths', sa.Integer(), server_default='0', nullable=False))
        batch_op.create_check_constraint(batch_op.f('ck_media_file_name_length'), 'length(file_name) <= 200')
        batch_op.create_check_constraint(batch_op.f('ck_media_alt_length'), 'length(alt) <= 500')
        batch_op.create_check_constraint(batch_op.f('ck_media_focus_is_within'), 'focus_x BETWEEN 0 AND 4 AND focus_y BETWEEN 0 AND 4')

    op.create_table('media_uses',
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('media_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['media_id'], ['media.id'], name=op.f('fk_media_uses_media_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_media_uses_post_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('post_id', 'media_id', name=op.f('pk_media_uses'))
    )
    with op.batch_alter_table('media_uses', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_media_uses_media_id'), ['media_id'], unique=False)

    op.execute(POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE)
    note_what_is_used()


def note_what_is_used():
    """Posts as they are and as they were: each keeps its pictures."""
    connection = op.get_bind()
    ids = dict(connection.execute(sa.text("SELECT name, id FROM media")).all())
    known = set()
    for table, key in (("posts", "id"), ("revisions", "post_id")) if ids else ():
        last = 0
        rows = sa.text(f"SELECT id, {key} AS post, body, cover FROM {table} WHERE id > :last ORDER BY id LIMIT {BATCH}")
        while found := connection.execute(rows, {"last": last}).all():
            last = found[-1].id
            names = ((row.post, name) for row in found for name in NAME.findall(f"{row.cover} {row.body}"))
            fresh = {(post, ids[name]) for post, name in names if name in ids} - known
            known |= fresh
            if fresh:
                connection.execute(
                    sa.text("INSERT INTO media_uses (post_id, media_id) VALUES (:post, :media)"),
                    [{"post": post, "media": media} for post, media in sorted(fresh)],
                )


def downgrade():
    on_postgres = op.get_bind().dialect.name == "postgresql"
    op.execute(f"DROP TRIGGER {TRIGGER} ON media" if on_postgres else f"DROP TRIGGER {TRIGGER}")
    with op.batch_alter_table('media_uses', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_media_uses_media_id'))

    op.drop_table('media_uses')
    with op.batch_alter_table('media', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_media_focus_is_within'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_media_alt_length'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_media_file_name_length'), type_='check')
        batch_op.drop_column('widths')
        batch_op.drop_column('focus_y')
        batch_op.drop_column('focus_x')
        batch_op.drop_column('alt')
        batch_op.drop_column('file_name')
