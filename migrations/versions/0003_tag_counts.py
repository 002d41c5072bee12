"""how many posts each tag has, counted by the database

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-24 01:00:00
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Frozen: what blog/models/tag_counts.py says on the day of this migration.
SQLITE = [
    "CREATE TRIGGER tags_counted_in AFTER INSERT ON post_tags BEGIN UPDATE tags SET dated_posts = dated_posts + 1 WHERE id = NEW.tag_id AND EXISTS (SELECT 1 FROM posts WHERE posts.id = NEW.post_id AND posts.kind = 'post' AND posts.published_at IS NOT NULL AND posts.binned_at IS NULL); END",
    "CREATE TRIGGER tags_counted_out AFTER DELETE ON post_tags BEGIN UPDATE tags SET dated_posts = dated_posts - 1 WHERE id = OLD.tag_id AND EXISTS (SELECT 1 FROM posts WHERE posts.id = OLD.post_id AND posts.kind = 'post' AND posts.published_at IS NOT NULL AND posts.binned_at IS NULL); END",
    "CREATE TRIGGER tags_counted_over AFTER UPDATE ON post_tags BEGIN UPDATE tags SET dated_posts = dated_posts - 1 WHERE id = OLD.tag_id AND EXISTS (SELECT 1 FROM posts WHERE posts.id = OLD.post_id AND posts.kind = 'post' AND posts.published_at IS NOT NULL AND posts.binned_at IS NULL); UPDATE tags SET dated_posts = dated_posts + 1 WHERE id = NEW.tag_id AND EXISTS (SELECT 1 FROM posts WHERE posts.id = NEW.post_id AND posts.kind = 'post' AND posts.published_at IS NOT NULL AND posts.binned_at IS NULL); END",
    "CREATE TRIGGER tags_counted_dated AFTER UPDATE OF kind, published_at, binned_at ON posts WHEN (OLD.kind = 'post' AND OLD.published_at IS NOT NULL AND OLD.binned_at IS NULL) <> (NEW.kind = 'post' AND NEW.published_at IS NOT NULL AND NEW.binned_at IS NULL) BEGIN UPDATE tags SET dated_posts = dated_posts + CASE WHEN NEW.kind = 'post' AND NEW.published_at IS NOT NULL AND NEW.binned_at IS NULL THEN 1 ELSE -1 END WHERE id IN (SELECT tag_id FROM post_tags WHERE post_id = NEW.id); END",
    "CREATE TRIGGER tags_counted_deleted BEFORE DELETE ON posts WHEN OLD.kind = 'post' AND OLD.published_at IS NOT NULL AND OLD.binned_at IS NULL BEGIN UPDATE tags SET dated_posts = dated_posts - 1 WHERE id IN (SELECT tag_id FROM post_tags WHERE post_id = OLD.id); END",
]
POSTGRESQL = [
    "CREATE FUNCTION tags_counted_by_link() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('tags.dated_posts')); IF TG_OP <> 'INSERT' THEN UPDATE tags SET dated_posts = dated_posts - 1 WHERE id = OLD.tag_id AND EXISTS (SELECT 1 FROM posts WHERE posts.id = OLD.post_id AND posts.kind = 'post' AND posts.published_at IS NOT NULL AND posts.binned_at IS NULL); END IF; IF TG_OP <> 'DELETE' THEN UPDATE tags SET dated_posts = dated_posts + 1 WHERE id = NEW.tag_id AND EXISTS (SELECT 1 FROM posts WHERE posts.id = NEW.post_id AND posts.kind = 'post' AND posts.published_at IS NOT NULL AND posts.binned_at IS NULL); END IF; RETURN NULL; END $$",
    'CREATE TRIGGER tags_counted AFTER INSERT OR UPDATE OR DELETE ON post_tags FOR EACH ROW EXECUTE FUNCTION tags_counted_by_link()',
    "CREATE FUNCTION tags_counted_by_post() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('tags.dated_posts')); IF TG_OP = 'DELETE' THEN UPDATE tags SET dated_posts = dated_posts - 1 WHERE id IN (SELECT tag_id FROM post_tags WHERE post_id = OLD.id); RETURN OLD; END IF; UPDATE tags SET dated_posts = dated_posts + CASE WHEN NEW.kind = 'post' AND NEW.published_at IS NOT NULL AND NEW.binned_at IS NULL THEN 1 ELSE -1 END WHERE id IN (SELECT tag_id FROM post_tags WHERE post_id = NEW.id); RETURN NULL; END $$",
    "CREATE TRIGGER tags_counted_dated AFTER UPDATE OF kind, published_at, binned_at ON posts FOR EACH ROW WHEN ((OLD.kind = 'post' AND OLD.published_at IS NOT NULL AND OLD.binned_at IS NULL) <> (NEW.kind = 'post' AND NEW.published_at IS NOT NULL AND NEW.binned_at IS NULL)) EXECUTE FUNCTION tags_counted_by_post()",
    "CREATE TRIGGER tags_counted_deleted BEFORE DELETE ON posts FOR EACH ROW WHEN (OLD.kind = 'post' AND OLD.published_at IS NOT NULL AND OLD.binned_at IS NULL) EXECUTE FUNCTION tags_counted_by_post()",
]
SO_FAR = (
    "UPDATE tags SET dated_posts = (SELECT count(*) FROM post_tags JOIN posts ON posts.id = post_tags.post_id"
    " WHERE post_tags.tag_id = tags.id AND posts.kind = 'post' AND posts.published_at IS NOT NULL"
    " AND posts.binned_at IS NULL)"
)


def on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    for statement in SQLITE if on_sqlite() else POSTGRESQL:
        op.execute(statement)
    op.execute(SO_FAR)


def downgrade() -> None:
    if on_sqlite():
        for name in ("in", "out", "over", "dated", "deleted"):
            op.execute(f"DROP TRIGGER tags_counted_{name}")
    else:
        for name in ("link", "post"):
            op.execute(f"DROP FUNCTION tags_counted_by_{name} CASCADE")
