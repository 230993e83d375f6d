"""What belongs to the simulator alone: its home, its explanations, orders from tests."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, render_template, request

from demo.franceconnect.config import Config
from demo.franceconnect.misbehaviour.catalogue import NAMES
from demo.franceconnect.misbehaviour.orders import Orders
from demo.franceconnect.tokens import SigningKeys


@dataclass(frozen=True)
class Controls:
    """Nothing here exists in the real FranceConnect."""

    config: Config
    keys: SigningKeys
    orders: Orders

    def blueprint(self) -> Blueprint:
        """Return the routes, at the root."""
        routes = Blueprint("controls", __name__)
        routes.add_url_rule("/", view_func=self.home)
        routes.add_url_rule("/health/live", view_func=self.health)
        routes.add_url_rule("/en-savoir-plus", view_func=self.explanation)
        routes.add_url_rule("/simulator/misbehaviour", view_func=self.misbehaviours)
        routes.add_url_rule(
            "/simulator/misbehaviour", view_func=self.order_misbehaviour, methods=["POST"]
        )
        foreign_keys = f"{self.config.path}/simulator/foreign-keys"
        routes.add_url_rule(foreign_keys, view_func=self.foreign_keys)
        return routes

    def home(self) -> str:
        """Say what this program is and which sites lead to it."""
        return render_template("home.html", config=self.config)

    def explanation(self) -> str:
        """Explain FranceConnect, and that this is not it."""
        return render_template("explanation.html", config=self.config)

    def health(self) -> Response:
        """Tell the program that starts the demo that this one is ready."""
        return jsonify(status="ok")

    def misbehaviours(self) -> Response:
        """List the names that may be ordered."""
        return jsonify(available=NAMES)

    def order_misbehaviour(self) -> tuple[Response, HTTPStatus]:
        """Take `{"next": name, "fetches": number}` for the next login; null takes it back."""
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or "next" not in body:
            return jsonify(error="expected an object with the key next"), HTTPStatus.BAD_REQUEST
        fetches = body.get("fetches", 1)
        if not isinstance(fetches, int) or fetches < 1:
            return jsonify(error="fetches is a number from 1"), HTTPStatus.BAD_REQUEST
        try:
            self.orders.order(body["next"], fetches)
        except KeyError:
            return jsonify(available=NAMES), HTTPStatus.BAD_REQUEST
        return jsonify(next=body["next"]), HTTPStatus.OK

    def foreign_keys(self) -> Response:
        """Publish a stranger's key where headers of forged tokens say that it is."""
        return jsonify(keys=[self.keys.foreign.as_dict(private=False)])
