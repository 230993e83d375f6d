"""What must be true of the markup of every page and what axe does not judge."""

import re
from collections import Counter
from html.parser import HTMLParser

PURPOSES = {
    "nom": {"family-name"},
    "nir": {"username"},
    "date_naissance": {"bday"},
    "code_postal": {"postal-code"},
    "email": {"email"},
    "email_confirmation": {"email"},
    "telephone": {"tel"},
    "telephone_portable": {"tel"},
    "telephone_fixe": {"tel"},
    "code": {"one-time-code"},
    "mot_de_passe": {"current-password", "new-password"},
    "mot_de_passe_actuel": {"current-password"},
    "mot_de_passe_confirmation": {"new-password"},
    "iban7": {None},  # the end of a number has no purpose that HTML names
    "vitale11": {None},
}
"""What each field of ours may name as its purpose (HTML, autofill field names)."""
_REFERENCES = ("aria-describedby", "aria-labelledby", "for", "form")
_TITLE = re.compile(r"(Erreur\s: )?\S.* - compte ameli")
_NOT_TYPED = {"hidden", "radio", "checkbox"}


class _Elements(HTMLParser):
    """The attributes of each element, and the title."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.title = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] == "title" and not self.title:
            self.title = data


def broken_rules(markup: str) -> list[str]:
    """Return a sentence for each rule that the page breaks; its first word names the rule."""
    page = _Elements(markup)
    ids = Counter(id_ for _, has in page.found if (id_ := has.get("id")))
    broken = [f"ids: {id_} is given {n} times" for id_, n in ids.items() if n > 1]
    broken += [f"title: {page.title}"] if not _TITLE.fullmatch(page.title) else []
    if "erreurs" in ids and not page.title.startswith("Erreur"):
        broken.append("title: it does not tell of the errors")
    for tag, has in page.found:
        broken += _of_any_element(tag, has, ids)
        if tag == "input" and has.get("type") not in _NOT_TYPED:
            broken += _of_a_field(has, page)
    return broken


def _of_any_element(tag: str, has: dict[str, str | None], ids: Counter[str]) -> list[str]:
    targets = " ".join(has.get(name) or "" for name in _REFERENCES).split()
    target = has.get("href") or ""
    targets += [target[1:]] if target.startswith("#") else []
    broken = [f"references: {one} of {tag} leads nowhere" for one in targets if one not in ids]
    broken += [f"handlers: {name} of {tag}" for name in has if name.startswith("on")]
    if has.get("autocomplete") == "off":
        broken.append(f"purpose: off at {tag}")
    if tag == "html" and has.get("lang") != "fr":
        broken.append("language: the page is not said to be French")
    if has.get("name") == "viewport" and re.search(
        "maximum-scale|user-scalable", has.get("content") or ""
    ):
        broken.append("enlarging: it is hindered")
    return broken


def _of_a_field(has: dict[str, str | None], page: _Elements) -> list[str]:
    name, id_ = has.get("name") or "", has.get("id")
    purpose, described = has.get("autocomplete"), (has.get("aria-describedby") or "").split()
    labels = sum(tag == "label" and other.get("for") == id_ for tag, other in page.found)
    broken = [f"label: {name} has {labels}"] if labels != 1 else []
    if has.keys() & {"placeholder", "maxlength", "pattern"} or has.get("type") in {
        "number",
        "date",
    }:
        broken.append(f"typing: {name} restricts it, or is explained inside the field")
    if (purpose or "").endswith("-password") and has.get("type") != "password":
        broken.append(f"typing: {name} shows what is typed")
    if purpose not in PURPOSES.get(name, set()):
        broken.append(f"purpose: {purpose} at {name}")
    if any(other.get("id") == f"{id_}-erreur" for _, other in page.found):
        if f"{id_}-erreur" not in described or has.get("aria-invalid") != "true":
            broken.append(f"errors: the message of {name} is not tied to it")
        if not any(other.get("href") == f"#{id_}" for _, other in page.found):
            broken.append(f"errors: the summary does not lead to {name}")
    if has.get("value") and (has.get("type") == "password" or purpose == "one-time-code"):
        broken.append(f"errors: {name} comes back filled")
    return broken
