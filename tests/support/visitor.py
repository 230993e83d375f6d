"""A browser without a screen: pages and forms over plain HTTP, for what many must do at once."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter

_REFRESH = re.compile(r"0;\s*url=(.*)", re.IGNORECASE | re.DOTALL)


@dataclass
class PostForm:
    """One POST form of a page: where it goes and what it would send untouched."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PostForm] = []
        self.refresh: str | None = None
        self.text: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            found = _REFRESH.match(given.get("content", ""))
            self.refresh = unescape(found[1]) if found else None
        elif tag == "form":
            self._inside = given.get("method", "get").lower() == "post"
            if self._inside:
                self.forms.append(PostForm(given.get("action", "")))
        elif tag == "input" and self._inside and given.get("name"):
            checkable = given.get("type") in {"checkbox", "radio"}
            if not checkable or "checked" in given:
                self.forms[-1].fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False

    def handle_data(self, data: str) -> None:
        self.text.append(data)


class FromAddress(HTTPAdapter):
    """Calls from one address of this machine: any of 127.0.0.0/8."""

    def __init__(self, source: str, **options: Any) -> None:
        self._source = source
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, source_address=(self._source, 0))


class Visitor:
    """One browser of one person, cookies included; *source* is where it calls from."""

    def __init__(self, address: str, source: str = "127.0.0.1") -> None:
        self.address = address
        self.http = requests.Session()
        self.http.mount("http://", FromAddress(source))
        self.response: requests.Response | None = None

    def opens(self, path: str, *, until: str | None = None) -> "Visitor":
        """Open a page, going on by itself as a browser does, but not to *until*'s address."""
        return self._follow("GET", urljoin(self.address + "/", path), None, until)

    def submits(self, *, until: str | None = None, form: int = 0, **answers: str) -> "Visitor":
        """Fill the page's form of that rank and submit it."""
        chosen = self.forms[form]
        target = urljoin(self.url, chosen.action)
        return self._follow("POST", target, {**chosen.fields, **answers}, until)

    @property
    def url(self) -> str:
        assert self.response is not None
        return self.response.url

    @property
    def status(self) -> int:
        assert self.response is not None
        return self.response.status_code

    @property
    def forms(self) -> list[PostForm]:
        return self._read().forms

    @property
    def text(self) -> str:
        return " ".join("".join(self._read().text).split())

    def form_with(self, name: str) -> int:
        """Return the rank of the first form that has that field; say what is shown if none has."""
        found = (rank for rank, form in enumerate(self.forms) if name in form.fields)
        rank = next(found, None)
        assert rank is not None, f"no {name} at {self.url}: {self.status} {self.text[:500]}"
        return rank

    def _read(self) -> _Reader:
        reader = _Reader()
        if self.response is not None:
            reader.feed(self.response.text)
        return reader

    def _follow(
        self, method: str, url: str, data: dict[str, str] | None, until: str | None
    ) -> "Visitor":
        for _ in range(20):
            if until and url.startswith(until):
                self.arrived = url
                return self
            self.response = self.http.request(
                method, url, data=data, allow_redirects=False, timeout=60
            )
            onward = self.response.headers.get("Location") or self._read().refresh
            if not onward:
                return self
            method, url, data = "GET", urljoin(url, onward), None
        raise AssertionError("the pages go round in circles")
