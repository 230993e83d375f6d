"""The composition root: joins settings, services and routes into the application."""

from collections.abc import Callable

from flask import Blueprint, Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.pool import QueuePool

from broker import health
from broker.accounts import routes as accounts
from broker.api import routes as api
from broker.base.application import Application
from broker.base.clock import Clock, utc_now
from broker.base.db import Base, Database
from broker.base.engine import prepare_engine
from broker.base.front import Front
from broker.base.messages import Messages
from broker.base.metrics import Metrics
from broker.base.passage import Passage
from broker.base.places import folder
from broker.base.proxies import TrustedProxies, Wsgi
from broker.base.settings import Settings
from broker.base.web import Edge
from broker.console import alert_routes as alerts
from broker.console import case_routes as cases
from broker.console import lineage_routes as lineage
from broker.console import own_account_routes as analyst_account
from broker.console import question_routes as questions
from broker.console import routes as console
from broker.console import trail_routes as trail
from broker.cuts import routes as cuts
from broker.foundation import lay_foundation
from broker.franceconnect import routes as franceconnect
from broker.holder import connection_routes as connections
from broker.holder import routes as holder
from broker.mobile import creation_routes as mobile_creation
from broker.mobile import login_routes as mobile_login
from broker.mobile import routes as mobile
from broker.oidc import program_routes as programs
from broker.oidc import routes as oidc
from broker.oidc.apps import routes as first_party
from broker.oidc.consents import receipt_routes as receipts
from broker.oidc.consents import service_routes as authorized_services
from broker.oidc.logout import routes as logout
from broker.own_data import routes as own_data
from broker.services import build_services
from broker.sessions import code_routes as codes
from broker.sessions import end_routes as session_end
from broker.sessions import routes as sessions
from broker.sessions.account_pages import AccountPages
from broker.signals import routes as signals
from broker.signup import routes as signup
from broker.ties import routes as ties


def create_app(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    metrics_folder: str | None = None,
    spans: Callable[[Wsgi], Wsgi] = lambda application: application,
) -> Flask:
    """Build the whole broker from its settings; nothing is built at import.

    *spans* stands around each request, behind what a trusted proxy says of it.
    """
    app = Application("broker", static_folder=str(folder("static")), static_url_path="/static")
    app.template_folder = str(folder("templates"))
    db = connect(app, settings)
    foundation = lay_foundation(settings, db, clock, Metrics(metrics_folder))
    services = build_services(foundation)
    app.extensions["broker"] = services
    messages = services[Messages] = Messages.load(folder("templates") / "messages")
    passage = Passage(settings, foundation.metrics, foundation.flood)
    edge = Edge(settings, foundation.browser, messages, clock, passage)
    edge.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    services[AccountPages] = AccountPages(_opened(app))
    front = Front(
        app.wsgi_app, passage, {**oidc.programs.table, **programs.programs.table}, services
    )
    app.wsgi_app = TrustedProxies(spans(front), settings.trusted_proxies)  # type: ignore[method-assign]
    return app


def _opened(app: Flask) -> frozenset[str]:
    """Return the addresses of everything that a GET answers."""
    rules = app.url_map.iter_rules()
    return frozenset(rule.rule for rule in rules if rule.methods and "GET" in rule.methods)


def connect(app: Flask, settings: Settings) -> Database:
    """Open the database through Flask-SQLAlchemy."""
    options: dict[str, object] = {
        "poolclass": QueuePool,
        "pool_size": settings.threads,
        "hide_parameters": True,  # an error may be printed where none should be
        "pool_use_lifo": True,  # the one that was used last has prepared most
    }
    if settings.on_sqlite:
        options["connect_args"] = {"check_same_thread": False}
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    extension = SQLAlchemy(app, metadata=Base.metadata)
    with app.app_context():
        engine = extension.engine
    prepare_engine(engine)
    return Database(engine)


BLUEPRINTS: tuple[Blueprint, ...] = (
    health.bp,
    accounts.bp,
    franceconnect.bp,
    sessions.bp,
    session_end.bp,
    codes.bp,
    ties.bp,
    holder.bp,
    connections.bp,
    signup.bp,
    mobile.bp,
    mobile_creation.bp,
    mobile_login.bp,
    api.bp,
    oidc.bp,
    programs.bp,
    first_party.bp,
    logout.bp,
    signals.bp,
    authorized_services.bp,
    receipts.bp,
    own_data.bp,
    console.bp,
    analyst_account.bp,
    trail.bp,
    lineage.bp,
    cases.bp,
    questions.bp,
    cuts.bp,
    alerts.bp,
)
