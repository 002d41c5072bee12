"""The other extensions, not yet bound to an app."""

from flask_login import LoginManager
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from blog.database import db

migrate = Migrate(db=db, compare_type=True)
login_manager = LoginManager()
csrf = CSRFProtect()
