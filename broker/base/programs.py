"""Puts functions that programs call at their addresses: in Flask, and in the table ahead of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Blueprint, Response, request

from broker.base.calls import Call, Program, Said
from broker.base.web import protocol_endpoint, services


@dataclass(frozen=True)
class Programs:
    """The functions of one blueprint."""

    blueprint: Blueprint
    table: dict[tuple[str, str], Program] = field(default_factory=dict)
    """By method and path, for ``base/front.py``."""

    def answers(self, *paths: str, to: tuple[str, ...]) -> Callable[[Program], Program]:
        """Let the decorated function answer there, to these methods."""

        def placed(program: Program) -> Program:
            @protocol_endpoint
            def view() -> Response:
                return _response(program(_call()))

            for path in paths:
                self.blueprint.add_url_rule(path, program.__name__, view, methods=to)
                self.table.update({(method, path): program for method in to})
            return program

        return placed


def _call() -> Call:
    return Call(
        services=services(),
        method=request.method,
        path=request.path,
        authorization=request.headers.get("Authorization"),
        proof=request.headers.get("DPoP"),
        form=request.form.lists,
    )


def _response(said: Said) -> Response:
    response = Response(said.body, said.status)
    response.headers.clear()  # what is said of the content is all of it: Flask would call it HTML
    response.headers.extend(said.headers)
    return response
