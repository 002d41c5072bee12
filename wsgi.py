"""What a WSGI server loads: `wsgi:app`."""

import gc
import multiprocessing
import signal
import sys

import click
from flask.cli import FlaskGroup

from blog import create_app, posting
from config import Config, ConfigError

if multiprocessing.parent_process():
    # A worker of granian. Ctrl+C reaches every process in the terminal, and a worker that hears it just before its
    # master's own word to stop hangs for good. The word is enough.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

try:
    app = create_app(Config())
except (ConfigError, OSError) as error:
    sys.exit(f"Masthead cannot start. {error}")

gc.freeze()  # what is loaded by now stays; to look through it for garbage would hold up a page for 140 ms now and then

command = click.get_current_context(silent=True)
if command is None or not isinstance(command.find_root().command, FlaskGroup):  # granian is a command, too
    posting.start(app)
