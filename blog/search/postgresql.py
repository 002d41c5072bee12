"""The index on PostgreSQL: two tables of tsvectors with GIN, and the triggers that keep them.

Changed only together with a migration. The functions fold by tables of our own and leave nothing to the server's locale
or parser, so that both databases find the same.
"""

from blog.folding import PLAIN, SEPARATORS, SPECIAL, UNPARTED, WORD_LIMIT

_ONE = PLAIN | {letter: plain for letter, plain in SPECIAL.items() if len(plain) == 1}
_GONE = "".join(letter for letter, plain in SPECIAL.items() if not plain)


def _folded(text: str) -> str:
    """`folding.folded` in SQL: letters without a counterpart in the second list are dropped."""
    for letter, plain in SPECIAL.items():
        if len(plain) > 1:
            text = f"replace({text}, '{letter}', '{plain}')"
    return f"translate({text},\n    '{''.join(_ONE)}{_GONE}',\n    '{''.join(_ONE.values())}')"


FUNCTIONS = [
    f"""CREATE OR REPLACE FUNCTION search_terms(words text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE line text := regexp_replace({_folded("normalize(words)")}, '[{SEPARATORS}]+', ' ', 'g');
BEGIN
  IF line !~ '[{UNPARTED}]' THEN
    RETURN line;
  END IF;
  RETURN (
    SELECT string_agg(CASE WHEN here !~ '[{UNPARTED}]' THEN here
      WHEN next ~ '[{UNPARTED}]' THEN ' ' || here || next || ' ' ELSE ' ' || here || ' ' END, '' ORDER BY i)
    FROM (SELECT i, substr(line, i, 1) AS here, substr(line, i + 1, 1) AS next
      FROM generate_series(1, length(line)) AS i) AS letters);
END $$""",
    f"""CREATE OR REPLACE FUNCTION search_vector(terms text, weight text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(string_agg(left(term, {WORD_LIMIT}) || ':' || least(place, 16383) || weight, ' '), '')::tsvector
  FROM unnest(string_to_array(terms, ' ')) WITH ORDINALITY AS every(term, place) WHERE term <> ''
$$""",
    # Plans are kept for a connection, and one made while the tables were empty would read all of them ever after.
    # The row is locked first, so that of two transactions that touch one post the later one sees what the other wrote.
    """CREATE OR REPLACE FUNCTION search_index(which integer) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE post record; heads tsvector; body tsvector;
BEGIN
  PERFORM 1 FROM posts WHERE id = which FOR NO KEY UPDATE;
  SELECT title, summary, terms, visibility = 'public' AS is_public,
    (SELECT string_agg(tags.name, ' ') FROM tags JOIN post_tags ON tags.id = tag_id WHERE post_id = which) AS tags,
    (SELECT string_agg(name, ' ') FROM users WHERE users.id = author_id
      OR users.id IN (SELECT user_id FROM post_co_authors WHERE post_id = which)) AS authors
  INTO post FROM posts WHERE id = which AND published_at IS NOT NULL AND binned_at IS NULL;
  IF NOT FOUND THEN
    DELETE FROM search_open WHERE post_id = which;
    DELETE FROM search_members WHERE post_id = which;
    RETURN;
  END IF;
  heads := search_vector(search_terms(post.title), 'A')
    || search_vector(search_terms(coalesce(post.tags, '')), 'B')
    || search_vector(search_terms(coalesce(post.authors, '')), 'B')
    || search_vector(search_terms(post.summary), 'C');
  body := search_vector(post.terms, 'D');
  INSERT INTO search_open(post_id, heads, words)
  VALUES (which, heads, CASE WHEN post.is_public THEN heads || body ELSE heads END)
  ON CONFLICT (post_id) DO UPDATE SET heads = excluded.heads, words = excluded.words;
  IF post.is_public THEN
    DELETE FROM search_members WHERE post_id = which;
  ELSE
    INSERT INTO search_members(post_id, heads, words) VALUES (which, heads, heads || body)
    ON CONFLICT (post_id) DO UPDATE SET heads = excluded.heads, words = excluded.words;
  END IF;
  -- No unique index: two transactions with one new word would wait for each other, and a word noted twice does no harm.
  INSERT INTO search_words(word, is_open)
  SELECT word, true
  FROM unnest(tsvector_to_array(CASE WHEN post.is_public THEN heads || body ELSE heads END)) AS every(word)
  -- OFFSET keeps this a look at the index for each word; a join would read all words for each post.
  WHERE NOT EXISTS
    (SELECT 1 FROM search_words AS known WHERE known.word = every.word COLLATE "C" AND known.is_open OFFSET 0);
  INSERT INTO search_words(word, is_open)
  SELECT word, false FROM unnest(tsvector_to_array(body)) AS every(word)
  WHERE NOT post.is_public
    AND NOT EXISTS (SELECT 1 FROM search_words AS known WHERE known.word = every.word COLLATE "C" OFFSET 0);
END $$""",
    """CREATE OR REPLACE FUNCTION search_on_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_index(NEW.id);
  RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION search_on_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM search_index(OLD.post_id);
  END IF;
  IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.post_id <> OLD.post_id) THEN
    PERFORM search_index(NEW.post_id);
  END IF;
  RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION search_on_tag() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_index(post_id) FROM (SELECT post_id FROM post_tags WHERE tag_id = NEW.id ORDER BY 1) AS tagged;
  RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION search_on_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_index(id) FROM (
    SELECT id FROM posts WHERE author_id = NEW.id
    UNION SELECT post_id FROM post_co_authors WHERE user_id = NEW.id ORDER BY 1) AS written;
  RETURN NULL;
END $$""",
]


def _table(name: str) -> list[str]:
    return [
        f"CREATE TABLE IF NOT EXISTS {name} ("
        f"post_id integer CONSTRAINT pk_{name} PRIMARY KEY"
        f" CONSTRAINT fk_{name}_post_id REFERENCES posts ON DELETE CASCADE,"
        " heads tsvector NOT NULL, words tsvector NOT NULL)",
        f"CREATE INDEX IF NOT EXISTS ix_{name}_heads ON {name} USING gin (heads)",
        f"CREATE INDEX IF NOT EXISTS ix_{name}_words ON {name} USING gin (words)",
    ]


def _trigger(name: str, event: str, function: str) -> str:
    return f"CREATE OR REPLACE TRIGGER {name} AFTER {event} FOR EACH ROW EXECUTE FUNCTION {function}()"


POST_COLUMNS = "title, summary, terms, visibility, published_at, binned_at, author_id"
TRIGGERS = [
    # The key takes care of a post that is deleted.
    _trigger("search_posts", f"INSERT OR UPDATE OF {POST_COLUMNS} ON posts", "search_on_post"),
    _trigger("search_post_tags", "INSERT OR UPDATE OR DELETE ON post_tags", "search_on_link"),
    _trigger("search_post_co_authors", "INSERT OR UPDATE OR DELETE ON post_co_authors", "search_on_link"),
    _trigger("search_tags", "UPDATE OF name ON tags", "search_on_tag"),
    _trigger("search_users", "UPDATE OF name ON users", "search_on_user"),
]
CREATE = [
    *_table("search_open"),
    *_table("search_members"),
    'CREATE TABLE IF NOT EXISTS search_words (word text COLLATE "C" NOT NULL, is_open boolean NOT NULL)',
    "CREATE INDEX IF NOT EXISTS ix_search_words_word ON search_words (word)",
    *FUNCTIONS,
    *TRIGGERS,
]
DROP = [
    *(
        f"DROP TRIGGER IF EXISTS search_{table} ON {table}"
        for table in ("posts", "post_tags", "post_co_authors", "tags", "users")
    ),
    "DROP FUNCTION IF EXISTS search_on_post, search_on_link, search_on_tag, search_on_user",
    "DROP FUNCTION IF EXISTS search_index, search_vector, search_terms",
    "DROP TABLE IF EXISTS search_open, search_members, search_words",
]
FILL = ["SELECT search_index(id) FROM posts ORDER BY id"]
