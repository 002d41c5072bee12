"""Kill a writer (SIGKILL) at random moments of save and publish, and look at what is left.

`python -m benchmarks.killing [--times 1000] [--database URL] [--seed 1]`. After each death the post must be as it was
before the last request or as it is after it, never half, and everything that was acknowledged must be there.
"""

import argparse
import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from blog import create_app
from blog.database import db
from blog.markdown import render
from blog.models import LoginSession, Post, Revision, User, UserRole
from config import TestConfig

LONGEST = 0.05  # seconds a writer lives after its first answer
DEEDS = ("", "/publication", "/working-copy")


def prepared(url: str, folder: str) -> tuple[Flask, str, int]:
    """An application whose database has a person and a post, the cookie's secret, and the number of the post."""
    app = create_app(TestConfig({"DATABASE_URL": url, "INSTANCE_PATH": folder, "PAGE_CACHE": "0"}))
    with app.app_context():
        flask_migrate.upgrade()
        ada = User(email=f"ada{time.time_ns()}@example.com", name="Ada", role=UserRole.editor)
        post = Post.start(ada, by=ada, title="Killed", body="Beginning.", slug=f"killed-{time.time_ns()}")
        secret = LoginSession.start(ada)
        db.session.commit()
        number = post.id
        db.session.remove()
        db.engine.dispose()  # a child must not share a connection with its parent
    return app, secret, number


def writing(app: Flask, secret: str, post_id: int, words: Iterator[str], say: int) -> None:
    """Save and publish one word after the other, saying each that was acknowledged, until killed."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["login"] = secret
    base, body = state(app, post_id)
    for word in words:
        deed = random.choice(DEEDS)
        text = f"{body} Sentence {word}."
        sent = {
            "base": str(base),
            "title": f"Killed at {word}",
            "body": text,
            "tags": f"tag-{word}, always",
            "seq": "1",
        }
        answer = client.post(f"/write/posts/{post_id}{deed}", data=sent)
        assert answer.status_code in (200, 302), (deed, answer.status_code, answer.text[:500])
        if deed != "/working-copy":
            body = text
            base, _ = state(app, post_id)
        os.write(say, f"{word} {deed or '/save'}\n".encode())


def state(app: Flask, post_id: int) -> tuple[int, str]:
    with app.app_context():
        post = db.session.get_one(Post, post_id)
        return post.revision, post.newest["body"]


def faults(app: Flask, post_id: int, acknowledged: list[str]) -> list[str]:
    """What is wrong with the post that a dead writer left behind."""
    with app.app_context():
        post = db.session.scalars(select(Post).where(Post.id == post_id).options(undefer(Post.html))).one()
        newest, out = Revision.of(post, post.revision), Revision.of(post, post.out_revision)
        found = []
        if newest is None or out is None:
            return ["a revision is missing"]
        numbers = db.session.scalar(select(func.count(Revision.id)).where(Revision.post_id == post_id))
        if numbers != post.revision:
            found.append(f"{numbers} revisions, and the newest is {post.revision}")
        if out.content != post.content:
            found.append("the post is not what its revision says")
        if post.html != render(post.body).html:
            found.append("the HTML is not that of the text")
        last = newest.body.rstrip(".").split()[-1]
        if last != "Beginning" and newest.tags != ["always", f"tag-{last}"]:
            found.append(f"the tags {newest.tags} are not those of the text")
        found += [f"{word} was acknowledged and is gone" for word in acknowledged if f" {word}." not in newest.body]
        db.session.remove()
        db.engine.dispose()
        return found


def once(app: Flask, secret: str, post_id: int, words: Iterator[str]) -> tuple[list[str], list[str]]:
    """Let a writer write, and kill it. Returns what it had acknowledged and what is wrong then."""
    hear, say = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hear)
        try:
            writing(app, secret, post_id, words, say)
        finally:
            os._exit(1)
    os.close(say)
    with os.fdopen(hear) as answers:
        first = answers.readline()
        time.sleep(random.uniform(0, LONGEST))
        os.kill(child, signal.SIGKILL)
        _, how = os.waitpid(child, 0)
        lines = [first, *answers]
    acknowledged = [line.split()[0] for line in lines if line.endswith(("/save\n", "/publication\n"))]
    died = [] if os.WIFSIGNALED(how) else ["the writer stopped by itself"]
    return acknowledged, died + faults(app, post_id, acknowledged)


def run(url: str, folder: str, times: int) -> tuple[int, int, list[str]]:
    """So many deaths. Returns the number of acknowledged saves and of revisions, and what was wrong."""
    app, secret, post_id = prepared(url, folder)
    acknowledged, wrong = 0, []
    for death in range(times):
        if death % 25 == 24:  # a fresh post, before the text grows long
            app, secret, post_id = prepared(url, folder)
        words = (f"w{death}x{n}" for n in range(10_000))
        said, found = once(app, secret, post_id, words)
        acknowledged += len(said)
        wrong += [f"death {death}: {fault}" for fault in found]
        if death % 100 == 99:
            print(f"{death + 1:,} deaths, {acknowledged:,} acknowledged saves, {len(wrong)} faults", flush=True)
    return times, acknowledged, wrong


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--times", type=int, default=1_000)
    asked.add_argument("--database", default="")
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder) / 'killed.db'}"
        times, acknowledged, wrong = run(url, folder, options.times)
    print(f"{times:,} deaths, {acknowledged:,} acknowledged saves and publications, {len(wrong)} faults")
    for fault in wrong[:20]:
        print(fault)
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
