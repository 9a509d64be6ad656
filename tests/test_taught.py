"""Short and joined forms that a text teaches."""

import pytest

from index.forms.taught import taught_forms


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (
            "It was the World Health Organization (WHO) that warned.",
            ("WHO", "World Health Organization"),
        ),
        ("The International Energy Agency (I.E.A.) met.", ("IEA", "International Energy Agency")),
        ("The U.N. (United Nations) met.", ("UN", "United Nations")),
        (
            "the Organisation for the Prohibition of Chemical Weapons (OPCW)",
            ("OPCW", "Organisation for the Prohibition of Chemical Weapons"),
        ),
        ("They hid weapons of mass destruction (WMD).", ("WMD", "weapons of mass destruction")),
        ("Passengers have Wi-Fi.", ("wifi", "wi fi")),
        ("the F-16's wing", ("f16", "f 16")),
        ("a well-\nknown name", ("wellknown", "well known")),
        ("Ms O’Brien left.", ("obrien", "o brien")),
        ("a state-of-the-art lamp", ("stateoftheart", "state of the art")),
    ],
)
def test_a_form_is_taught_once_with_what_it_stands_for(text: str, form: tuple[str, str]) -> None:
    assert list(taught_forms(f"{text} {text}")) == [form]


@pytest.mark.parametrize(
    "text",
    [
        "PARIS (AFP) - The pump failed.",
        "The pump failed (AND how).",
        "The lamp (LED) failed.",
        "It opened on 2022-09-29.",
        "They don't, it's Ida's - so they'll not.",
        "World (WHO). Health Organization",
        "A " * 60 + "(AAA",
    ],
)
def test_other_brackets_hyphens_and_apostrophes_teach_nothing(text: str) -> None:
    assert not list(taught_forms(text))
