"""The answers of the screens of the two proofs: who, then the ends of IBAN and card number."""

from broker.accounts import answers
from broker.base.forms import Form
from broker.insured.card import CardAnswers, CardProofs
from broker.insured.names import TypedName
from broker.insured.proofs import IbanEnd, PostalCode, VitaleEnd


class IdentityForm(Form):
    """Who creates an account; every field may be shown again."""

    ECHO = ("nom", "nir", "date_naissance", "code_postal")

    def who(self) -> CardAnswers:
        """Return the four answers, or raise FormRefused."""
        given = self.read(
            nom=answers.present("nom.required", TypedName.parse),
            nir=answers.nir,
            date_naissance=answers.birth_date,
            code_postal=answers.present("code_postal.required", PostalCode.parse),
        )
        return CardAnswers(
            name=given["nom"],
            nir=given["nir"],
            birth_date=given["date_naissance"],
            postal_code=given["code_postal"],
        )


class ProofsForm(Form):
    """The ends of the two numbers that only the insured person has at hand."""

    ECHO = ("iban7", "vitale11")

    def proofs(self) -> CardProofs:
        """Return both, or raise FormRefused."""
        given = self.read(
            iban7=answers.present("iban7.required", IbanEnd.parse),
            vitale11=answers.present("vitale11.required", VitaleEnd.parse),
        )
        return CardProofs(iban=given["iban7"], vitale=given["vitale11"])
