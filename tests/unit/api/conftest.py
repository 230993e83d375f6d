"""A native app in front of the API; every answer is judged by the description."""

import json
from dataclasses import dataclass, field

import jsonschema
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.unit.mobile.owner import ACCOUNT
from tests.unit.signup.conftest import bench, insured_id, limit
from tests.unit.signup.visitor import IDENTITY, PROOFS

__all__ = ["bench", "insured_id", "limit", "native"]
BASE = "/api/v1/creations"


@dataclass
class NativeApp:
    client: FlaskClient
    token: str = ""
    description: dict = field(init=False)

    def __post_init__(self) -> None:
        self.description = json.loads(self.client.get("/api/openapi.json").text)

    def sends(self, step: str, body: bytes, media: str = "application/json") -> TestResponse:
        headers = {"Journey-Token": self.token} if self.token else {}
        answer = self.client.post(BASE + step, data=body, content_type=media, headers=headers)
        self._require_documented(BASE + step, answer)
        self.token = answer.json.get("journey_token", self.token)
        return answer

    def posts(self, step: str, **members: str) -> TestResponse:
        return self.sends(step, json.dumps(members).encode())

    def begins(self) -> TestResponse:
        return self.posts("", cgu="oui")

    def identifies(self, **changes: str) -> TestResponse:
        return self.posts("/identite", **{**IDENTITY, **changes})

    def proves(self, **changes: str) -> TestResponse:
        return self.posts("/carte", **{**PROOFS, **changes})

    def creates(self, **changes: str) -> TestResponse:
        return self.posts("/compte", **{**ACCOUNT, **changes})

    def comes_to_account(self) -> None:
        for step in (self.begins, self.identifies, self.proves):
            assert step().status_code < 300

    def _require_documented(self, path: str, answer: TestResponse) -> None:
        responses = self.description["paths"][path]["post"]["responses"]
        assert str(answer.status_code) in responses, answer.text
        content = responses[str(answer.status_code)]["content"][answer.mimetype]
        # References are to the description itself.
        schema = {**content["schema"], "components": self.description["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json)


@pytest.fixture
def native(client):
    return NativeApp(client)
