"""The index on SQLite: two FTS5 tables, and the triggers that keep them. Changed only together with a migration."""

from blog.folding import SPECIAL, UNPARTED

COLUMNS = "title, summary, tags, authors, body"
SINGLE = UNPARTED.encode().decode("unicode_escape")


PICTURES = "\U0001f000-\U0001faff"  # newer than the tokenizer, which would take them for letters
WHENS = " ".join(f"WHEN '{letter}' THEN '{plain}'" for letter, plain in SPECIAL.items())


def _terms(column: str) -> str:
    """What the tokenizer does not do by itself: special letters, and pairs where words are not parted.

    One step for each letter, and flat: SQLite's parser has no room for forty replacements one inside the other.
    """
    return f"""CASE WHEN {column} NOT GLOB '*[{SINGLE}{PICTURES}{"".join(SPECIAL)}]*' THEN {column} ELSE (
    WITH RECURSIVE walk(i, done) AS (
      SELECT 1, ''
      UNION ALL
      SELECT i + 1, done || CASE substr({column}, i, 1) {WHENS}
        ELSE CASE WHEN substr({column}, i, 1) GLOB '[{PICTURES}]' THEN ' '
        WHEN substr({column}, i, 1) NOT GLOB '[{SINGLE}]' THEN substr({column}, i, 1)
        WHEN substr({column}, i + 1, 1) GLOB '[{SINGLE}]' THEN ' ' || substr({column}, i, 2) || ' '
        ELSE ' ' || substr({column}, i, 1) || ' ' END END
      FROM walk WHERE i <= length({column}))
    SELECT done FROM walk ORDER BY i DESC LIMIT 1) END"""


def _table(name: str) -> str:
    # Vowel signs and tone marks (categories Mn and Mc) are part of a word: without them Hindi would fall to pieces.
    tokens = "unicode61 remove_diacritics 2 categories ''L* N* Co Mn Mc''"
    return f"CREATE VIRTUAL TABLE IF NOT EXISTS {name} USING fts5({COLUMNS}, tokenize = '{tokens}')"


VIEW = f"""CREATE VIEW IF NOT EXISTS search_rows AS
SELECT id, is_public,
  {_terms("title")} AS title,
  {_terms("summary")} AS summary,
  {_terms("tags")} AS tags,
  {_terms("authors")} AS authors,
  body
FROM (
  SELECT id, visibility = 'public' AS is_public, terms AS body,
    title, summary,
    coalesce((SELECT group_concat(tags.name, ' ') FROM tags JOIN post_tags ON tags.id = tag_id
      WHERE post_id = posts.id), '') AS tags,
    coalesce((SELECT group_concat(name, ' ') FROM users WHERE users.id = author_id
      OR users.id IN (SELECT user_id FROM post_co_authors WHERE post_id = posts.id)), '') AS authors
  FROM posts WHERE published_at IS NOT NULL AND binned_at IS NULL)"""


def filling(which: str = "") -> list[str]:
    """Index the posts for which this condition holds anew, from what is in the tables now."""
    return [
        f"INSERT INTO search_open(rowid, {COLUMNS})"
        f" SELECT id, title, summary, tags, authors, iif(is_public, body, '') FROM search_rows{which}",
        f"INSERT INTO search_members(rowid, {COLUMNS}) SELECT id, {COLUMNS} FROM search_rows"
        f"{which + ' AND' if which else ' WHERE'} NOT is_public",
    ]


def _trigger(name: str, event: str, posts: str) -> str:
    steps = [f"DELETE FROM {table} WHERE rowid {posts}" for table in ("search_open", "search_members")]
    steps += filling(f" WHERE id {posts}")
    return f"CREATE TRIGGER IF NOT EXISTS search_{name} AFTER {event} BEGIN\n  " + ";\n  ".join(steps) + ";\nEND"


POST_COLUMNS = "title, summary, terms, visibility, published_at, binned_at, author_id"
TRIGGERS = [
    _trigger("post_insert", "INSERT ON posts", "= NEW.id"),
    _trigger("post_update", f"UPDATE OF {POST_COLUMNS} ON posts", "= NEW.id"),
    _trigger("post_delete", "DELETE ON posts", "= OLD.id"),
    *(
        _trigger(f"{table}_{event.lower()}", f"{event} ON {table}", posts)
        for table in ("post_tags", "post_co_authors")
        for event, posts in (
            ("INSERT", "= NEW.post_id"),
            ("UPDATE", "IN (OLD.post_id, NEW.post_id)"),
            ("DELETE", "= OLD.post_id"),
        )
    ),
    _trigger("tag", "UPDATE OF name ON tags", "IN (SELECT post_id FROM post_tags WHERE tag_id = NEW.id)"),
    _trigger(
        "user",
        "UPDATE OF name ON users",
        "IN (SELECT id FROM posts WHERE author_id = NEW.id"
        " UNION SELECT post_id FROM post_co_authors WHERE user_id = NEW.id)",
    ),
]
CREATE = [
    _table("search_open"),
    _table("search_members"),
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_open_words USING fts5vocab(search_open, row)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_members_words USING fts5vocab(search_members, row)",
    VIEW,
    *TRIGGERS,
]
DROP = [
    *(f"DROP TRIGGER IF EXISTS {trigger.split()[5]}" for trigger in TRIGGERS),
    "DROP VIEW IF EXISTS search_rows",
    *(
        f"DROP TABLE IF EXISTS {table}"
        for table in ("search_open_words", "search_members_words", "search_open", "search_members")
    ),
]
