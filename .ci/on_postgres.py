"""Runs a command with DATABASE_URL on a throw-away PostgreSQL. Exits with 3 if none can be had."""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from throwaway_postgres import PostgresError, throwaway_postgres

try:
    with throwaway_postgres() as server:
        done = subprocess.run(sys.argv[1:], env=os.environ | {"DATABASE_URL": server.url()}, check=False)
except PostgresError as error:
    print(error, file=sys.stderr)
    sys.exit(3)
sys.exit(done.returncode)
