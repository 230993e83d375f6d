"""What must be true of the markup of every page and what axe does not judge."""

import re
from collections import Counter
from collections.abc import Iterator

from tests.support.elements import Element, elements

_OF_THE_CONSOLE = (
    "terme",
    "indice",
    "reseau",
    "seuil",
    "type",
    "client",
    "debut",
    "fin",
    "dossier",
    "cible",
    "raison",
    "note",
)
PURPOSES = {
    "nom": {"family-name"},
    "nir": {"username"},
    "identifiant": {"username"},  # of an analyst of the console
    **{name: {None} for name in _OF_THE_CONSOLE},
    "": {None},  # what no form sends: a token that is hashed first
    "numero": {None},  # of somebody else: nothing of the browser's owner fits
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
KEYBOARDS = {
    "nom": (None, None),
    "identifiant": (None, None),
    **dict.fromkeys(_OF_THE_CONSOLE, (None, None)),
    "": (None, None),
    "numero": ("text", "characters"),
    "nir": ("text", "characters"),  # Corsica: 2A, 2B
    "date_naissance": (None, None),  # any separator
    "code_postal": ("numeric", None),
    "email": ("email", None),
    "email_confirmation": ("email", None),
    "telephone": ("tel", None),
    "telephone_portable": ("tel", None),
    "telephone_fixe": ("tel", None),
    "code": ("numeric", None),
    "mot_de_passe": (None, "off"),
    "mot_de_passe_actuel": (None, "off"),
    "mot_de_passe_confirmation": (None, "off"),
    "iban7": ("text", "characters"),  # accounts of La Banque postale have letters
    "vitale11": ("numeric", None),
}
"""The keyboard that each field asks for (``inputmode``), and its capitals (``autocapitalize``)."""
COLOURED = {"has-error", "is-done", "is-current"}
"""The states of an element that the style sheets colour."""
_AS_ANOTHER = {"email_confirmation", "mot_de_passe_confirmation"}
_NUMBERS = ("d", "viewbox", "points")
_REFERENCES = ("aria-describedby", "aria-labelledby", "for", "form")
_TITLE = re.compile(r"(Erreur\s: )?\S.* - compte ameli")
_NOT_TYPED = {"hidden", "radio", "checkbox"}


def broken_rules(markup: str) -> list[str]:
    """Return a sentence for each rule that the page breaks; its first word names the rule."""
    return list(_Page(markup).broken())


class _Page:
    """The elements of one page, and what is wrong with them."""

    def __init__(self, markup: str) -> None:
        self.elements = elements(markup)
        self.ids = Counter(id_ for one in self.elements if (id_ := one.has.get("id")))

    def broken(self) -> Iterator[str]:
        yield from (f"ids: {id_} is given {n} times" for id_, n in self.ids.items() if n > 1)
        yield from self._title()
        for element in self.elements:
            yield from self._reference(element)
            yield from _of_any_element(element)
            yield from self._colour(element)
            if element.tag == "form":
                yield from self._form(element)
            if element.tag == "input" and element.has.get("type") not in _NOT_TYPED:
                yield from self._field(element)

    def _title(self) -> Iterator[str]:
        title = next((one.text for one in self.elements if one.tag == "title"), "")
        if not _TITLE.fullmatch(title):
            yield f"title: {title}"
        if "erreurs" in self.ids and not title.startswith("Erreur"):
            yield "title: it does not tell of the errors"

    def _reference(self, element: Element) -> Iterator[str]:
        targets = " ".join(element.has.get(name) or "" for name in _REFERENCES).split()
        address = element.has.get("href") or ""
        targets += [address[1:]] if address.startswith("#") else []
        for target in targets:
            if target not in self.ids:
                yield f"references: {target} of {element.tag} leads nowhere"

    def _colour(self, element: Element) -> Iterator[str]:
        """What is coloured to tell a state (``COLOURED``) says it in words too."""
        states = set((element.has.get("class") or "").split()) & COLOURED
        within = [one for one in self.elements if element in one.inside]
        if "has-error" in states and not any(
            one.has.get("class") == "field-error" and one.text for one in within
        ):
            yield "colour: an error is told by nothing else"
        if states & {"is-done", "is-current"} and not any(
            one.tag == "h2" and re.match(r"Étape \d sur \d", one.text) for one in self.elements
        ):
            yield "colour: the step is told by nothing else"
        if element.has.get("data-met") in {"yes", "no"} and "respecté" not in element.text:
            yield "colour: whether a rule is met is told by nothing else"

    def _form(self, form: Element) -> Iterator[str]:
        own = [one for one in self.elements if self._form_of(one) is form]
        if not any(one.tag == "button" and one.has.get("type") == "submit" for one in own):
            yield f"script: nothing sends the form to {form.has.get('action')}"
        if "novalidate" not in form.has and any("required" in one.has for one in own):
            yield f"script: the browser judges the form to {form.has.get('action')}"

    def _form_of(self, element: Element) -> Element | None:
        if "form" in element.has:
            return self._with("id", element.has["form"])
        return next((one for one in element.inside if one.tag == "form"), None)

    def _field(self, field: Element) -> Iterator[str]:
        name, id_ = field.has.get("name") or "", field.has.get("id")
        before = self.elements[: self.elements.index(field)]
        labels = [one for one in self.elements if one.tag == "label" and one.has.get("for") == id_]
        if len(labels) != 1 or labels[0] not in before:
            yield f"label: {name} has {len(labels)}, or it comes after"
        if field.has.keys() & {"placeholder", "maxlength", "pattern"} or field.has.get("type") in {
            "number",
            "date",
        }:
            yield f"typing: {name} restricts it, or is explained inside the field"
        if field.has.get("spellcheck") != "false":
            yield f"typing: {name} is spell-checked"
        purpose = field.has.get("autocomplete")
        if (purpose or "").endswith("-password") and field.has.get("type") != "password":
            yield f"typing: {name} shows what is typed"
        if purpose not in PURPOSES.get(name, set()):
            yield f"purpose: {purpose} at {name}"
        keyboard = field.has.get("inputmode"), field.has.get("autocapitalize")
        if keyboard != KEYBOARDS.get(name):
            yield f"keyboard: {keyboard} at {name}"
        yield from self._format(field, name)
        yield from self._message(field, name)

    def _format(self, field: Element, name: str) -> Iterator[str]:
        """What describes a field is read before it, and each field has a description.

        One that repeats another has none, nor a password that exists: nothing is to be known.
        """
        described = (field.has.get("aria-describedby") or "").split()
        told = [id_ for id_ in described if id_ != f"{name}-erreur"]
        free = name in _AS_ANOTHER or field.has.get("autocomplete") == "current-password"
        if not told and not free:
            yield f"format: {name} does not tell its own"
        before = self.elements[: self.elements.index(field)]
        for id_ in told:
            if not any(one.has.get("id") == id_ and one.text.strip() for one in before):
                yield f"format: {id_} comes after {name} or says nothing"

    def _message(self, field: Element, name: str) -> Iterator[str]:
        secret = field.has.get("type") == "password"
        if field.has.get("value") and (secret or name == "code"):
            yield f"errors: {name} comes back filled"
        message = self._with("id", f"{name}-erreur")
        if not message:
            return
        described = (field.has.get("aria-describedby") or "").split()
        if f"{name}-erreur" not in described or field.has.get("aria-invalid") != "true":
            yield f"errors: the message of {name} is not tied to it"
        summary = self._with("href", f"#{name}")
        if not summary:
            yield f"errors: the summary does not lead to {name}"
        elif summary.text != message.text:
            yield f"errors: {name} is told {summary.text!r}, then {message.text!r}"

    def _with(self, attribute: str, value: str | None) -> Element | None:
        return next((one for one in self.elements if one.has.get(attribute) == value), None)


def _of_any_element(element: Element) -> Iterator[str]:
    tag, has = element.tag, element.has
    yield from (f"handlers: {name} of {tag}" for name in has if name.startswith("on"))
    if (has.get("href") or "").lower() in {"#", "javascript:"}:
        yield "script: a link leads nowhere without one"
    if has.get("autocomplete") == "off":
        yield f"purpose: off at {tag}"
    if any(not (has.get(name) or "").isascii() for name in _NUMBERS):
        yield f"drawing: {tag} has what is no number, and is not drawn"
    if tag == "html" and has.get("lang") != "fr":
        yield "language: the page is not said to be French"
    if has.get("name") == "viewport" and re.search(
        "maximum-scale|user-scalable", has.get("content") or ""
    ):
        yield "enlarging: it is hindered"
