"""A body in parts, as the form of the merge page sends it: `segment-0`, `segment-1`, …"""

import re

from flask import request

from blog import text
from blog.merging import Clash
from blog.models.content import both


def body_of_segments() -> str | None:
    """The parts in order, as one text; None where the body was sent whole."""
    numbers = sorted(int(name[8:]) for name in request.form if re.fullmatch(r"segment-[0-9]{1,6}", name))
    return "".join(part(number) for number in numbers) if numbers else None


def part(number: int) -> str:
    """One part: as it stands in its box, unless one side was chosen in its stead."""
    sides = {side: sent(f"{side}-{number}") for side in ("theirs", "mine")}
    sides["both"] = both(Clash("", sides["theirs"], sides["mine"], ""))
    return sides.get(request.form.get(f"take-{number}", ""), sent(f"segment-{number}"))


def sent(name: str) -> str:
    return text.unix_lines(request.form.get(name, ""))
