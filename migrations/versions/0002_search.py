"""the index of search, kept by triggers

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

SQLITE = [
    r"""CREATE VIRTUAL TABLE IF NOT EXISTS search_open USING fts5(title, summary, tags, authors, body, tokenize = 'unicode61 remove_diacritics 2 categories ''L* N* Co Mn Mc''')""",
    r"""CREATE VIRTUAL TABLE IF NOT EXISTS search_members USING fts5(title, summary, tags, authors, body, tokenize = 'unicode61 remove_diacritics 2 categories ''L* N* Co Mn Mc''')""",
    r"""CREATE VIRTUAL TABLE IF NOT EXISTS search_open_words USING fts5vocab(search_open, row)""",
    r"""CREATE VIRTUAL TABLE IF NOT EXISTS search_members_words USING fts5vocab(search_members, row)""",
    r"""CREATE VIEW IF NOT EXISTS search_rows AS
SELECT id, is_public,
  CASE WHEN title NOT GLOB '*[฀-໿က-႟ក-៿々-〇〡-〯〱-ヺー-ㄯ㐀-䶿一-鿿가-힣豈-﫿𠀀-𿿿🀀-🫿ßẞæÆœŒþÞøØłŁđĐıёЁάέήίόύώΆΈΉΊΌΎΏϊϋΐΰςأإآٱى­ـًٌٍَُِّْٕٓٔ]*' THEN title ELSE (
    WITH RECURSIVE walk(i, done) AS (
      SELECT 1, ''
      UNION ALL
      SELECT i + 1, done || CASE substr(title, i, 1) WHEN 'ß' THEN 'ss' WHEN 'ẞ' THEN 'ss' WHEN 'æ' THEN 'ae' WHEN 'Æ' THEN 'ae' WHEN 'œ' THEN 'oe' WHEN 'Œ' THEN 'oe' WHEN 'þ' THEN 'th' WHEN 'Þ' THEN 'th' WHEN 'ø' THEN 'o' WHEN 'Ø' THEN 'o' WHEN 'ł' THEN 'l' WHEN 'Ł' THEN 'l' WHEN 'đ' THEN 'd' WHEN 'Đ' THEN 'd' WHEN 'ı' THEN 'i' WHEN 'ё' THEN 'е' WHEN 'Ё' THEN 'е' WHEN 'ά' THEN 'α' WHEN 'έ' THEN 'ε' WHEN 'ή' THEN 'η' WHEN 'ί' THEN 'ι' WHEN 'ό' THEN 'ο' WHEN 'ύ' THEN 'υ' WHEN 'ώ' THEN 'ω' WHEN 'Ά' THEN 'α' WHEN 'Έ' THEN 'ε' WHEN 'Ή' THEN 'η' WHEN 'Ί' THEN 'ι' WHEN 'Ό' THEN 'ο' WHEN 'Ύ' THEN 'υ' WHEN 'Ώ' THEN 'ω' WHEN 'ϊ' THEN 'ι' WHEN 'ϋ' THEN 'υ' WHEN 'ΐ' THEN 'ι' WHEN 'ΰ' THEN 'υ' WHEN 'ς' THEN 'σ' WHEN 'أ' THEN 'ا' WHEN 'إ' THEN 'ا' WHEN 'آ' THEN 'ا' WHEN 'ٱ' THEN 'ا' WHEN 'ى' THEN 'ي' WHEN '­' THEN '' WHEN 'ـ' THEN '' WHEN 'ً' THEN '' WHEN 'ٌ' THEN '' WHEN 'ٍ' THEN '' WHEN 'َ' THEN '' WHEN 'ُ' THEN '' WHEN 'ِ' THEN '' WHEN 'ّ' THEN '' WHEN 'ْ' THEN '' WHEN 'ٓ' THEN '' WHEN 'ٔ' THEN '' WHEN 'ٕ' THEN ''
        ELSE CASE WHEN substr(title, i, 1) GLOB '[🀀-🫿]' THEN ' '
        WHEN substr(title, i, 1) NOT GLOB '[฀-໿က-႟ក-៿々-〇〡-〯〱-ヺー-ㄯ㐀-䶿一-鿿가-힣豈-﫿𠀀-𿿿]' THEN substr(title, i, 1)
        WHEN substr(title, i + 1, 1) GLOB '[฀-໿က-႟ក-៿々-〇〡-〯〱-ヺー-ㄯ㐀-䶿一-鿿가-힣豈-﫿𠀀-𿿿]' THEN ' ' || substr(title, i, 2) || ' '
        ELSE ' ' || substr(title, i, 1) || ' ' END END
      FROM walk WHERE i <= length(title))
    SELECT done FROM walk ORDER BY i DESC LIMIT 1) END AS title,
  CASE WHEN summary NOT GLOB '*[฀-໿က-႟ក-៿々-〇〡-〯〱-ヺー-ㄯ㐀-䶿一-鿿가-힣豈-﫿𠀀-𿿿🀀-🫿ßẞæÆœŒþÞøØłŁđĐıёЁάέήίόύώΆΈΉΊΌΎΏϊϋΐΰςأإآٱى­ـًٌٍَُِّْٕٓٔ]*' THEN summary ELSE (
    WITH RECURSIVE walk(i, done) AS (
      SELECT 1, ''
      UNION ALL
      SELECT i + 1, done || CASE substr(summary, i, 1) WHEN 'ß' THEN 'ss' WHEN 'ẞ' THEN 'ss' WHEN 'æ' THEN 'ae' WHEN 'Æ' THEN 'ae' WHEN 'œ' THEN 'oe' WHEN 'Œ' THEN 'oe' WHEN 'þ' THEN 'th' WHEN 'Þ' THEN 'th' WHEN 'ø' THEN 'o' WHEN 'Ø' THEN 'o' WHEN 'ł' THEN 'l' WHEN 'Ł' THEN 'l' WHEN 'đ' THEN 'd' WHEN 'Đ' THEN 'd' WHEN 'ı' THEN 'i' WHEN 'ё' THEN 'е' WHEN 'Ё' THEN 'е' WHEN 'ά' THEN 'α' WHEN 'έ' THEN 'ε' WHEN 'ή' THEN 'η' WHEN 'ί' THEN 'ι' WHEN 'ό' THEN 'ο' WHEN 'ύ' THEN 'υ' WHEN 'ώ' THEN 'ω' WHEN 'Ά' THEN 'α' WHEN 'Έ' THEN 'ε' WHEN 'Ή' THEN 'η' WHEN 'Ί' THEN 'ι' WHEN 'Ό' THEN 'ο' WHEN 'Ύ' THEN 'υ' WHEN 'Ώ' THEN 'ω' WHEN 'ϊ' THEN 'ι' WHEN 'ϋ' THEN 'υ' WHEN 'ΐ' THEN 'ι' WHEN 'ΰ' THEN 'υ' WHEN 'ς' THEN 'σ' WHEN 'أ' THEN 'ا' WHEN 'إ' THEN 'ا' WHEN 'آ' THEN 'ا' WHEN 'ٱ' THEN 'ا' WHEN 'ى' THEN 'ي' WHEN '­' THEN '' WHEN 'ـ' THEN '' WHEN 'ً' THEN '' WHEN 'ٌ' THEN '' WHEN 'ٍ' THEN '' WHEN 'َ' THEN '' WHEN 'ُ' THEN '' WHEN 'ِ' THEN '' WHEN 'ّ' THEN '' WHEN 'ْ' THEN '' WHEN 'ٓ' THEN '' WHEN 'ٔ' THEN '' WHEN 'ٕ' THEN ''
        ELSE CASE WHEN substr(summary, i, 1) GLOB '[🀀-🫿]' THEN ' '
        WHEN substr(summary, i, 1) NOT GLOB '[฀-໿က-႟ក-៿々-〇〡-〯〱-ヺー-ㄯ㐀-䶿一-鿿가-힣豈-﫿𠀀-𿿿]' THEN substr(summary, i, 1)
        WHEN substr(summary, i + 1, 1) GLOB '[฀-໿က-႟ក-៿々-〇〡-〯〱-ヺー-ㄯ㐀-䶿一-鿿가-힣豈-﫿𠀀-𿿿]' THEN ' ' || substr(summary, i, 2) || ' '
        ELSE ' ' || substr(summary, i, 1) || ' ' END END
      FROM walk WHERE i <= length(summary))
    SELECT done FROM walk ORDER BY i DESC LIMIT 1) END AS summary,
  CASE WHEN tags NOT GLOB '*[฀-໿က-႟ក-៿々-〇〡-〯〱-ヺー-ㄯ㐀-䶿一-鿿가-힣豈-﫿𠀀-𿿿🀀-🫿ßẞæÆœŒþÞøØłŁđĐıёЁάέήίόύώΆΈΉΊΌΎΏϊϋΐΰςأإآٱى­ـًٌٍَُِّْٕٓٔ]*' THEN tags ELSE (
    WITH RECURSIVE walk(i, done) AS (
      SELECT 1, ''
      UNION ALL
      SELECT i + 1, done || CASE substr(tags, i, 1) WHEN 'ß' THEN 'ss' WHEN 'ẞ' THEN 'ss' WHEN 'æ' THEN 'ae' WHEN 'Æ' THEN 'ae' WHEN 'œ' THEN 'oe' WHEN 'Œ' THEN 'oe' WHEN 'þ' THEN 'th' WHEN 'Þ' THEN 'th' WHEN 'ø' THEN 'o' WHEN 'Ø' THEN 'o' WHEN 'ł' THEN 'l' WHEN 'Ł' THEN 'l' WHEN 'đ' THEN 'd' WHEN 'Đ' THEN 'd' WHEN 'ı' THEN 'i' WHEN 'ё' THEN 'е' WHEN 'Ё' THEN 'е' WHEN 'ά' THEN 'α' WHEN 'έ' THEN 'ε' WHEN 'ή' THEN 'η' WHEN 'ί' THEN 'ι' WHEN 'ό' THEN 'ο' WHEN 'ύ' THEN 'υ' WHEN 'ώ' THEN 'ω' WHEN 'Ά' THEN 'α' WHEN 'Έ' THEN 'ε' WHEN 'Ή' THEN 'η' WHEN 'Ί' THEN 'ι' WHEN 'Ό' THEN 'ο' WHEN 'Ύ' THEN 'υ' WHEN 'Ώ' THEN 'ω' WHEN 'ϊ' THEN 'ι' WHEN 'ϋ' THEN 'υ' WHEN 'ΐ' THEN 'ι' WHEN 'ΰ' THEN 'υ' WHEN 'ς' THEN 'σ' WHEN 'أ' THEN 'ا' WHEN 'إ' THEN 'ا' WHEN 'آ' THEN 'ا' WHEN 'ٱ' THEN 'ا' WHEN 'ى' THEN 'ي' WHEN '­' THEN '' WHEN 'ـ' THEN '' WHEN 'ً' THEN '' WHEN 'ٌ' THEN '' WHEN 'ٍ' THEN '' WHEN 'َ' THEN '' WHEN 'ُ' THEN '' WHEN 'ِ' THEN '' WHEN 'ّ' THEN '' WHEN 'ْ' THEN '' WHEN 'ٓ' THEN '' WHEN 'ٔ' THEN '' WHEN 'ٕ' THEN ''
        ELSE CASE WHEN substr(tags, i, 1) GLOB '[🀀-🫿]' THEN ' '
        WHEN substr(tags, i, 1) NOT GLOB '[฀-໿က-႟ក-៿々-〇〡-〯〱-ヺー-ㄯ㐀-䶿一-鿿가-힣豈-﫿𠀀-𿿿]' THEN substr(tags, i, 1)
        WHEN substr(tags, i + 1, 1) GLOB '[฀-໿က-႟ក-៿々-〇〡-〯〱-ヺー-ㄯ㐀-䶿一-鿿가-힣豈-﫿𠀀-𿿿]' THEN ' ' || substr(tags, i, 2) || ' '
        ELSE ' ' || substr(tags, i, 1) || ' ' END END
      FROM walk WHERE i <= length(tags))
    SELECT done FROM walk ORDER BY i DESC LIMIT 1) END AS tags,
  CASE WHEN authors NOT GLOB '*[฀-໿က-႟ក-៿々-〇〡-〯〱-ヺー-ㄯ㐀-䶿一-鿿가-힣豈-﫿𠀀-𿿿🀀-🫿ßẞæÆœŒþÞøØłŁđĐıёЁάέήίόύώΆΈΉΊΌΎΏϊϋΐΰςأإآٱى­ـًٌٍَُِّْٕٓٔ]*' THEN authors ELSE (
    WITH RECURSIVE walk(i, done) AS (
      SELECT 1, ''
      UNION ALL
      SELECT i + 1, done || CASE substr(authors, i, 1) WHEN 'ß' THEN 'ss' WHEN 'ẞ' THEN 'ss' WHEN 'æ' THEN 'ae' WHEN 'Æ' THEN 'ae' WHEN 'œ' THEN 'oe' WHEN 'Œ' THEN 'oe' WHEN 'þ' THEN 'th' WHEN 'Þ' THEN 'th' WHEN 'ø' THEN 'o' WHEN 'Ø' THEN 'o' WHEN 'ł' THEN 'l' WHEN 'Ł' THEN 'l' WHEN 'đ' THEN 'd' WHEN 'Đ' THEN 'd' WHEN 'ı' THEN 'i' WHEN 'ё' THEN 'е' WHEN 'Ё' THEN 'е' WHEN 'ά' THEN 'α' WHEN 'έ' THEN 'ε' WHEN 'ή' THEN 'η' WHEN 'ί' THEN 'ι' WHEN 'ό' THEN 'ο' WHEN 'ύ' THEN 'υ' WHEN 'ώ' THEN 'ω' WHEN 'Ά' THEN 'α' WHEN 'Έ' THEN 'ε' WHEN 'Ή' THEN 'η' WHEN 'Ί' THEN 'ι' WHEN 'Ό' THEN 'ο' WHEN 'Ύ' THEN 'υ' WHEN 'Ώ' THEN 'ω' WHEN 'ϊ' THEN 'ι' WHEN 'ϋ' THEN 'υ' WHEN 'ΐ' THEN 'ι' WHEN 'ΰ' THEN 'υ' WHEN 'ς' THEN 'σ' WHEN 'أ' THEN 'ا' WHEN 'إ' THEN 'ا' WHEN 'آ' THEN 'ا' WHEN 'ٱ' THEN 'ا' WHEN 'ى' THEN 'ي' WHEN '­' THEN '' WHEN 'ـ' THEN '' WHEN 'ً' THEN '' WHEN 'ٌ' THEN '' WHEN 'ٍ' THEN '' WHEN 'َ' THEN '' WHEN 'ُ' THEN '' WHEN 'ِ' THEN '' WHEN 'ّ' THEN '' WHEN 'ْ' THEN '' WHEN 'ٓ' THEN '' WHEN 'ٔ' THEN '' WHEN 'ٕ' THEN ''
        ELSE CASE WHEN substr(authors, i, 1) GLOB '[🀀-🫿]' THEN ' '
        WHEN substr(authors, i, 1) NOT GLOB '[฀-໿က-႟ក-៿々-〇〡-〯〱-ヺー-ㄯ㐀-䶿一-鿿가-힣豈-﫿𠀀-𿿿]' THEN substr(authors, i, 1)
        WHEN substr(authors, i + 1, 1) GLOB '[฀-໿က-႟ក-៿々-〇〡-〯〱-ヺー-ㄯ㐀-䶿一-鿿가-힣豈-﫿𠀀-𿿿]' THEN ' ' || substr(authors, i, 2) || ' '
        ELSE ' ' || substr(authors, i, 1) || ' ' END END
      FROM walk WHERE i <= length(authors))
    SELECT done FROM walk ORDER BY i DESC LIMIT 1) END AS authors,
  body
FROM (
  SELECT id, visibility = 'public' AS is_public, terms AS body,
    title, summary,
    coalesce((SELECT group_concat(tags.name, ' ') FROM tags JOIN post_tags ON tags.id = tag_id
      WHERE post_id = posts.id), '') AS tags,
    coalesce((SELECT group_concat(name, ' ') FROM users WHERE users.id = author_id
      OR users.id IN (SELECT user_id FROM post_co_authors WHERE post_id = posts.id)), '') AS authors
  FROM posts WHERE published_at IS NOT NULL AND binned_at IS NULL)""",
    r"""CREATE TRIGGER IF NOT EXISTS search_post_insert AFTER INSERT ON posts BEGIN
  DELETE FROM search_open WHERE rowid = NEW.id;
  DELETE FROM search_members WHERE rowid = NEW.id;
  INSERT INTO search_open(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, iif(is_public, body, '') FROM search_rows WHERE id = NEW.id;
  INSERT INTO search_members(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, body FROM search_rows WHERE id = NEW.id AND NOT is_public;
END""",
    r"""CREATE TRIGGER IF NOT EXISTS search_post_update AFTER UPDATE OF title, summary, terms, visibility, published_at, binned_at, author_id ON posts BEGIN
  DELETE FROM search_open WHERE rowid = NEW.id;
  DELETE FROM search_members WHERE rowid = NEW.id;
  INSERT INTO search_open(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, iif(is_public, body, '') FROM search_rows WHERE id = NEW.id;
  INSERT INTO search_members(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, body FROM search_rows WHERE id = NEW.id AND NOT is_public;
END""",
    r"""CREATE TRIGGER IF NOT EXISTS search_post_delete AFTER DELETE ON posts BEGIN
  DELETE FROM search_open WHERE rowid = OLD.id;
  DELETE FROM search_members WHERE rowid = OLD.id;
  INSERT INTO search_open(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, iif(is_public, body, '') FROM search_rows WHERE id = OLD.id;
  INSERT INTO search_members(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, body FROM search_rows WHERE id = OLD.id AND NOT is_public;
END""",
    r"""CREATE TRIGGER IF NOT EXISTS search_post_tags_insert AFTER INSERT ON post_tags BEGIN
  DELETE FROM search_open WHERE rowid = NEW.post_id;
  DELETE FROM search_members WHERE rowid = NEW.post_id;
  INSERT INTO search_open(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, iif(is_public, body, '') FROM search_rows WHERE id = NEW.post_id;
  INSERT INTO search_members(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, body FROM search_rows WHERE id = NEW.post_id AND NOT is_public;
END""",
    r"""CREATE TRIGGER IF NOT EXISTS search_post_tags_update AFTER UPDATE ON post_tags BEGIN
  DELETE FROM search_open WHERE rowid IN (OLD.post_id, NEW.post_id);
  DELETE FROM search_members WHERE rowid IN (OLD.post_id, NEW.post_id);
  INSERT INTO search_open(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, iif(is_public, body, '') FROM search_rows WHERE id IN (OLD.post_id, NEW.post_id);
  INSERT INTO search_members(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, body FROM search_rows WHERE id IN (OLD.post_id, NEW.post_id) AND NOT is_public;
END""",
    r"""CREATE TRIGGER IF NOT EXISTS search_post_tags_delete AFTER DELETE ON post_tags BEGIN
  DELETE FROM search_open WHERE rowid = OLD.post_id;
  DELETE FROM search_members WHERE rowid = OLD.post_id;
  INSERT INTO search_open(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, iif(is_public, body, '') FROM search_rows WHERE id = OLD.post_id;
  INSERT INTO search_members(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, body FROM search_rows WHERE id = OLD.post_id AND NOT is_public;
END""",
    r"""CREATE TRIGGER IF NOT EXISTS search_post_co_authors_insert AFTER INSERT ON post_co_authors BEGIN
  DELETE FROM search_open WHERE rowid = NEW.post_id;
  DELETE FROM search_members WHERE rowid = NEW.post_id;
  INSERT INTO search_open(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, iif(is_public, body, '') FROM search_rows WHERE id = NEW.post_id;
  INSERT INTO search_members(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, body FROM search_rows WHERE id = NEW.post_id AND NOT is_public;
END""",
    r"""CREATE TRIGGER IF NOT EXISTS search_post_co_authors_update AFTER UPDATE ON post_co_authors BEGIN
  DELETE FROM search_open WHERE rowid IN (OLD.post_id, NEW.post_id);
  DELETE FROM search_members WHERE rowid IN (OLD.post_id, NEW.post_id);
  INSERT INTO search_open(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, iif(is_public, body, '') FROM search_rows WHERE id IN (OLD.post_id, NEW.post_id);
  INSERT INTO search_members(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, body FROM search_rows WHERE id IN (OLD.post_id, NEW.post_id) AND NOT is_public;
END""",
    r"""CREATE TRIGGER IF NOT EXISTS search_post_co_authors_delete AFTER DELETE ON post_co_authors BEGIN
  DELETE FROM search_open WHERE rowid = OLD.post_id;
  DELETE FROM search_members WHERE rowid = OLD.post_id;
  INSERT INTO search_open(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, iif(is_public, body, '') FROM search_rows WHERE id = OLD.post_id;
  INSERT INTO search_members(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, body FROM search_rows WHERE id = OLD.post_id AND NOT is_public;
END""",
    r"""CREATE TRIGGER IF NOT EXISTS search_tag AFTER UPDATE OF name ON tags BEGIN
  DELETE FROM search_open WHERE rowid IN (SELECT post_id FROM post_tags WHERE tag_id = NEW.id);
  DELETE FROM search_members WHERE rowid IN (SELECT post_id FROM post_tags WHERE tag_id = NEW.id);
  INSERT INTO search_open(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, iif(is_public, body, '') FROM search_rows WHERE id IN (SELECT post_id FROM post_tags WHERE tag_id = NEW.id);
  INSERT INTO search_members(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, body FROM search_rows WHERE id IN (SELECT post_id FROM post_tags WHERE tag_id = NEW.id) AND NOT is_public;
END""",
    r"""CREATE TRIGGER IF NOT EXISTS search_user AFTER UPDATE OF name ON users BEGIN
  DELETE FROM search_open WHERE rowid IN (SELECT id FROM posts WHERE author_id = NEW.id UNION SELECT post_id FROM post_co_authors WHERE user_id = NEW.id);
  DELETE FROM search_members WHERE rowid IN (SELECT id FROM posts WHERE author_id = NEW.id UNION SELECT post_id FROM post_co_authors WHERE user_id = NEW.id);
  INSERT INTO search_open(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, iif(is_public, body, '') FROM search_rows WHERE id IN (SELECT id FROM posts WHERE author_id = NEW.id UNION SELECT post_id FROM post_co_authors WHERE user_id = NEW.id);
  INSERT INTO search_members(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, body FROM search_rows WHERE id IN (SELECT id FROM posts WHERE author_id = NEW.id UNION SELECT post_id FROM post_co_authors WHERE user_id = NEW.id) AND NOT is_public;
END""",
]

SQLITE_FILL = [
    r"""INSERT INTO search_open(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, iif(is_public, body, '') FROM search_rows""",
    r"""INSERT INTO search_members(rowid, title, summary, tags, authors, body) SELECT id, title, summary, tags, authors, body FROM search_rows WHERE NOT is_public""",
]

SQLITE_DROP = [
    r"""DROP TRIGGER IF EXISTS search_post_insert""",
    r"""DROP TRIGGER IF EXISTS search_post_update""",
    r"""DROP TRIGGER IF EXISTS search_post_delete""",
    r"""DROP TRIGGER IF EXISTS search_post_tags_insert""",
    r"""DROP TRIGGER IF EXISTS search_post_tags_update""",
    r"""DROP TRIGGER IF EXISTS search_post_tags_delete""",
    r"""DROP TRIGGER IF EXISTS search_post_co_authors_insert""",
    r"""DROP TRIGGER IF EXISTS search_post_co_authors_update""",
    r"""DROP TRIGGER IF EXISTS search_post_co_authors_delete""",
    r"""DROP TRIGGER IF EXISTS search_tag""",
    r"""DROP TRIGGER IF EXISTS search_user""",
    r"""DROP VIEW IF EXISTS search_rows""",
    r"""DROP TABLE IF EXISTS search_open_words""",
    r"""DROP TABLE IF EXISTS search_members_words""",
    r"""DROP TABLE IF EXISTS search_open""",
    r"""DROP TABLE IF EXISTS search_members""",
]

POSTGRESQL = [
    r"""CREATE TABLE IF NOT EXISTS search_open (post_id integer CONSTRAINT pk_search_open PRIMARY KEY CONSTRAINT fk_search_open_post_id REFERENCES posts ON DELETE CASCADE, heads tsvector NOT NULL, words tsvector NOT NULL)""",
    r"""CREATE INDEX IF NOT EXISTS ix_search_open_heads ON search_open USING gin (heads)""",
    r"""CREATE INDEX IF NOT EXISTS ix_search_open_words ON search_open USING gin (words)""",
    r"""CREATE TABLE IF NOT EXISTS search_members (post_id integer CONSTRAINT pk_search_members PRIMARY KEY CONSTRAINT fk_search_members_post_id REFERENCES posts ON DELETE CASCADE, heads tsvector NOT NULL, words tsvector NOT NULL)""",
    r"""CREATE INDEX IF NOT EXISTS ix_search_members_heads ON search_members USING gin (heads)""",
    r"""CREATE INDEX IF NOT EXISTS ix_search_members_words ON search_members USING gin (words)""",
    r"""CREATE TABLE IF NOT EXISTS search_words (word text COLLATE "C" NOT NULL, is_open boolean NOT NULL)""",
    r"""CREATE INDEX IF NOT EXISTS ix_search_words_word ON search_words (word)""",
    r"""CREATE OR REPLACE FUNCTION search_terms(words text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE line text := regexp_replace(translate(replace(replace(replace(replace(replace(replace(replace(replace(normalize(words), 'ß', 'ss'), 'ẞ', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe'), 'þ', 'th'), 'Þ', 'th'),
    'ABCDEFGHIJKLMNOPQRSTUVWXYZÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦĨĩĪīĬĭĮįİĲĴĵĶķĹĺĻļĽľĿŃńŅņŇňŊŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŦŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠơƢƤƦƧƩƬƮƯưƱƲƳƵƷƸƼǄǅǇǈǊǋǍǎǏǐǑǒǓǔǕǖǗǘǙǚǛǜǞǟǢǤǦǧǨǩǪǫǬǭǮǰǱǲǴǵǶǷǸǹǺǻǼǾȀȁȂȃȄȅȆȇȈȉȊȋȌȍȎȏȐȑȒȓȔȕȖȗȘșȚțȜȞȟȠȢȤȦȧȨȩȪȫȬȭȮȯȰȱȲȳȺȻȽȾɁɃɄɅɆɈɊɌɎΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫϏϘϚϜϞϠϢϤϦϨϪϬϮϴϷϹϺϽϾϿЀЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖḀḁḂḃḄḅḆḇḈḉḊḋḌḍḎḏḐḑḒḓḔḕḖḗḘḙḚḛḜḝḞḟḠḡḢḣḤḥḦḧḨḩḪḫḬḭḮḯḰḱḲḳḴḵḶḷḸḹḺḻḼḽḾḿṀṁṂṃṄṅṆṇṈṉṊṋṌṍṎṏṐṑṒṓṔṕṖṗṘṙṚṛṜṝṞṟṠṡṢṣṤṥṦṧṨṩṪṫṬṭṮṯṰṱṲṳṴṵṶṷṸṹṺṻṼṽṾṿẀẁẂẃẄẅẆẇẈẉẊẋẌẍẎẏẐẑẒẓẔẕẖẗẘẙẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹỺỼỾøØłŁđĐıёЁάέήίόύώΆΈΉΊΌΎΏϊϋΐΰςأإآٱى­ـًٌٍَُِّْٕٓٔ',
    'abcdefghijklmnopqrstuvwxyzaaaaaaceeeeiiiiðnooooouuuuyaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccccccddeeeeeeeeeegggggggghhħiiiiiiiiiĳjjkkllllllŀnnnnnnŋoooooorrrrrrssssssssttttŧuuuuuuuuuuuuwwyyyzzzzzzɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵooƣƥʀƨʃƭʈuuʊʋƴƶʒƹƽǆǆǉǉǌǌaaiioouuuuuuuuuuaaǣǥggkkooooǯjǳǳggƕƿnnaaǽǿaaaaeeeeiiiioooorrrruuuussttȝhhƞȣȥaaeeooooooooyyⱥȼƚⱦɂƀʉʌɇɉɋɍɏαβγδεζηθικλμνξοπρστυφχψωϊϋϗϙϛϝϟϡϣϥϧϩϫϭϯθϸϲϻͻͼͽѐђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆaabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỽỿoollddiееαεηιουωαεηιουωιυιυσااااي'), '[\u0001-/:-@\[-`{-\u00bf\u00d7\u00f7\u05be\u05c0\u05c3\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u30fb\ufe00-\ufe0f\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff\U0001f000-\U0001faff]+', ' ', 'g');
BEGIN
  IF line !~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3021-\u302f\u3031-\u30fa\u30fc-\u312f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]' THEN
    RETURN line;
  END IF;
  RETURN (
    SELECT string_agg(CASE WHEN here !~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3021-\u302f\u3031-\u30fa\u30fc-\u312f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]' THEN here
      WHEN next ~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3021-\u302f\u3031-\u30fa\u30fc-\u312f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]' THEN ' ' || here || next || ' ' ELSE ' ' || here || ' ' END, '' ORDER BY i)
    FROM (SELECT i, substr(line, i, 1) AS here, substr(line, i + 1, 1) AS next
      FROM generate_series(1, length(line)) AS i) AS letters);
END $$""",
    r"""CREATE OR REPLACE FUNCTION search_vector(terms text, weight text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(string_agg(left(term, 60) || ':' || least(place, 16383) || weight, ' '), '')::tsvector
  FROM unnest(string_to_array(terms, ' ')) WITH ORDINALITY AS every(term, place) WHERE term <> ''
$$""",
    r"""CREATE OR REPLACE FUNCTION search_index(which integer) RETURNS void LANGUAGE plpgsql
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
    r"""CREATE OR REPLACE FUNCTION search_on_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_index(NEW.id);
  RETURN NULL;
END $$""",
    r"""CREATE OR REPLACE FUNCTION search_on_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM search_index(OLD.post_id);
  END IF;
  IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.post_id <> OLD.post_id) THEN
    PERFORM search_index(NEW.post_id);
  END IF;
  RETURN NULL;
END $$""",
    r"""CREATE OR REPLACE FUNCTION search_on_tag() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_index(post_id) FROM (SELECT post_id FROM post_tags WHERE tag_id = NEW.id ORDER BY 1) AS tagged;
  RETURN NULL;
END $$""",
    r"""CREATE OR REPLACE FUNCTION search_on_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_index(id) FROM (
    SELECT id FROM posts WHERE author_id = NEW.id
    UNION SELECT post_id FROM post_co_authors WHERE user_id = NEW.id ORDER BY 1) AS written;
  RETURN NULL;
END $$""",
    r"""CREATE OR REPLACE TRIGGER search_posts AFTER INSERT OR UPDATE OF title, summary, terms, visibility, published_at, binned_at, author_id ON posts FOR EACH ROW EXECUTE FUNCTION search_on_post()""",
    r"""CREATE OR REPLACE TRIGGER search_post_tags AFTER INSERT OR UPDATE OR DELETE ON post_tags FOR EACH ROW EXECUTE FUNCTION search_on_link()""",
    r"""CREATE OR REPLACE TRIGGER search_post_co_authors AFTER INSERT OR UPDATE OR DELETE ON post_co_authors FOR EACH ROW EXECUTE FUNCTION search_on_link()""",
    r"""CREATE OR REPLACE TRIGGER search_tags AFTER UPDATE OF name ON tags FOR EACH ROW EXECUTE FUNCTION search_on_tag()""",
    r"""CREATE OR REPLACE TRIGGER search_users AFTER UPDATE OF name ON users FOR EACH ROW EXECUTE FUNCTION search_on_user()""",
]

POSTGRESQL_FILL = [
    r"""SELECT search_index(id) FROM posts ORDER BY id""",
]

POSTGRESQL_DROP = [
    r"""DROP TRIGGER IF EXISTS search_posts ON posts""",
    r"""DROP TRIGGER IF EXISTS search_post_tags ON post_tags""",
    r"""DROP TRIGGER IF EXISTS search_post_co_authors ON post_co_authors""",
    r"""DROP TRIGGER IF EXISTS search_tags ON tags""",
    r"""DROP TRIGGER IF EXISTS search_users ON users""",
    r"""DROP FUNCTION IF EXISTS search_on_post, search_on_link, search_on_tag, search_on_user""",
    r"""DROP FUNCTION IF EXISTS search_index, search_vector, search_terms""",
    r"""DROP TABLE IF EXISTS search_open, search_members, search_words""",
]


def run(statements: list[str]) -> None:
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    run(SQLITE + SQLITE_FILL if on_sqlite else POSTGRESQL + POSTGRESQL_FILL)


def downgrade() -> None:
    run(SQLITE_DROP if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_DROP)
