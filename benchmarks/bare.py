"""What Flask alone can do: one view that returns the bytes of the file BARE_PAGE."""

import os
from pathlib import Path

from flask import Flask, Response

app = Flask("bare")
page = Path(os.environ["BARE_PAGE"]).read_bytes()


@app.get("/<path:_any>")
@app.get("/")
def index(_any: str = "") -> Response:
    return Response(page, mimetype="text/html", headers={"Content-Encoding": "br"})
