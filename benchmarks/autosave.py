"""What an autosave of a post of 5,000 words costs the server: `python -m benchmarks.autosave [--database URL]`."""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import Engine, event

from benchmarks.killing import prepared

WORDS = 5_000
TIMES = 300
COPY = "00000000-0000-4000-8000-000000000001"
WRITES = ("INSERT", "UPDATE", "DELETE")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--database", default="")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app, secret, post_id = prepared(options.database or f"sqlite:///{Path(folder) / 'autosave.db'}", folder)
        client = app.test_client()
        with client.session_transaction() as session:
            session["login"] = secret
        writes: list[str] = []
        event.listen(
            Engine, "before_cursor_execute", lambda _c, _cur, sql, *_: sql.startswith(WRITES) and writes.append(sql)
        )
        text = "Six words stand in each sentence. " * (WORDS // 6)
        taken, worked, most = [], [], 0
        for seq in range(1, TIMES + 1):
            sent = {"base": "1", "copy": COPY, "seq": str(seq), "title": "Long", "body": text + str(seq)}
            sent |= {"tags": "one, two", "summary": "Some.", "visibility": "public"}
            writes.clear()
            began, idle = time.perf_counter(), time.process_time()
            answer = client.post(f"/write/posts/{post_id}/working-copy", data=sent)
            taken.append((time.perf_counter() - began) * 1000)
            worked.append((time.process_time() - idle) * 1000)
            assert answer.status_code == 200, answer.text
            assert answer.json["seq"] == seq
            most = max(most, len(writes))
    print(f"autosave of {len(text.split()):,} words, {TIMES} times: at most {most} writes")
    print(f"on the clock: median {median(taken):.1f} ms, p95 {quantiles(taken, n=20)[-1]:.1f} ms")
    print(f"on the processor: median {median(worked):.1f} ms")


if __name__ == "__main__":
    main()
