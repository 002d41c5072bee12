"""Tables to take away: CSV that is sent while it is read, and that no spreadsheet takes for formulas."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from flask import Response, stream_with_context

from blog.database import only_reading

BOM = "\ufeff"  # without it, Excel takes UTF-8 for something else
FORMULAS = tuple("=+-@\t\r\n＝＋－＠")  # some take the wide ones for the narrow


def csv_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A download of these rows. They are fetched while it is sent, and hold up no writer."""

    def parts() -> Iterator[str]:
        only_reading.set(True)
        yield BOM + line(head)
        for row in rows:
            yield line(row)

    answer = Response(stream_with_context(parts()), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def line(row: Sequence[Any]) -> str:
    sheet = io.StringIO()
    csv.writer(sheet).writerow([harmless(value) for value in row])
    return sheet.getvalue()


def harmless(value: Any) -> str:
    """A cell as text. A spreadsheet would run what begins as a formula does, so an apostrophe goes before it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text
