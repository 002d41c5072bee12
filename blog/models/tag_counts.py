"""How many posts a tag has, kept by the database itself: `Tag.dated_posts`, live and scheduled ones together.

Whoever changes tags or dates, an import or a hand at the console too, the number stays right. On PostgreSQL one lock,
held until the transaction ends, makes all such changes go one after the other: two writers with the same tags in
another order would otherwise wait for each other for ever. The migration 0003 builds the same; a change here is a new
migration.
"""

from sqlalchemy import DDL, event

from blog.database import Base


def _counts(row: str) -> str:
    return f"{row}.kind = 'post' AND {row}.published_at IS NOT NULL AND {row}.binned_at IS NULL"


def _counted(link: str, change: str) -> str:
    # A post that is being deleted is no longer there when its tags follow it: the last trigger below has seen to them.
    return (
        f"UPDATE tags SET dated_posts = dated_posts {change} WHERE id = {link}.tag_id"  # noqa: S608 - our own words
        f" AND EXISTS (SELECT 1 FROM posts WHERE posts.id = {link}.post_id AND {_counts('posts')});"
    )


def _of_post(row: str, change: str) -> str:
    return (
        f"UPDATE tags SET dated_posts = dated_posts {change}"  # noqa: S608 - our own words
        f" WHERE id IN (SELECT tag_id FROM post_tags WHERE post_id = {row}.id);"
    )


CHANGED = f"({_counts('OLD')}) <> ({_counts('NEW')})"
UP_OR_DOWN = f"+ CASE WHEN {_counts('NEW')} THEN 1 ELSE -1 END"
ALONE = "PERFORM pg_advisory_xact_lock(hashtext('tags.dated_posts'));"

ON_SQLITE = (
    f"CREATE TRIGGER tags_counted_in AFTER INSERT ON post_tags BEGIN {_counted('NEW', '+ 1')} END",
    f"CREATE TRIGGER tags_counted_out AFTER DELETE ON post_tags BEGIN {_counted('OLD', '- 1')} END",
    "CREATE TRIGGER tags_counted_over AFTER UPDATE ON post_tags BEGIN "
    f"{_counted('OLD', '- 1')} {_counted('NEW', '+ 1')} END",
    "CREATE TRIGGER tags_counted_dated AFTER UPDATE OF kind, published_at, binned_at ON posts "
    f"WHEN {CHANGED} BEGIN {_of_post('NEW', UP_OR_DOWN)} END",
    "CREATE TRIGGER tags_counted_deleted BEFORE DELETE ON posts "
    f"WHEN {_counts('OLD')} BEGIN {_of_post('OLD', '- 1')} END",
)
ON_POSTGRESQL = (
    "CREATE FUNCTION tags_counted_by_link() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"{ALONE} "
    f"IF TG_OP <> 'INSERT' THEN {_counted('OLD', '- 1')} END IF; "
    f"IF TG_OP <> 'DELETE' THEN {_counted('NEW', '+ 1')} END IF; "
    "RETURN NULL; END $$",
    "CREATE TRIGGER tags_counted AFTER INSERT OR UPDATE OR DELETE ON post_tags "
    "FOR EACH ROW EXECUTE FUNCTION tags_counted_by_link()",
    "CREATE FUNCTION tags_counted_by_post() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"{ALONE} "
    f"IF TG_OP = 'DELETE' THEN {_of_post('OLD', '- 1')} RETURN OLD; END IF; "
    f"{_of_post('NEW', UP_OR_DOWN)} "
    "RETURN NULL; END $$",
    "CREATE TRIGGER tags_counted_dated AFTER UPDATE OF kind, published_at, binned_at ON posts "
    f"FOR EACH ROW WHEN ({CHANGED}) EXECUTE FUNCTION tags_counted_by_post()",
    "CREATE TRIGGER tags_counted_deleted BEFORE DELETE ON posts "
    f"FOR EACH ROW WHEN ({_counts('OLD')}) EXECUTE FUNCTION tags_counted_by_post()",
)
FUNCTIONS = ("tags_counted_by_link", "tags_counted_by_post")

for dialect, statements in (("sqlite", ON_SQLITE), ("postgresql", ON_POSTGRESQL)):
    for statement in statements:
        made = DDL(statement)  # type: ignore[no-untyped-call]
        event.listen(Base.metadata, "after_create", made.execute_if(dialect=dialect))
for function in FUNCTIONS:  # SQLite's triggers go with their tables
    dropped = DDL(f"DROP FUNCTION IF EXISTS {function} CASCADE")  # type: ignore[no-untyped-call]
    event.listen(Base.metadata, "before_drop", dropped.execute_if(dialect="postgresql"))
