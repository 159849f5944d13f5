"""Which language a text is in."""

from __future__ import annotations

import pytest

from zhiyin.listen import language, words


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("物流很快", "zh"),
        ("物流很快，客服态度差", "zh"),
        ("APP一直loading，login不了", "zh"),
        ("這間餐廳的服務很好", "zh"),
        ("The staff were rude to us", "en"),
        ("ok", "en"),
        ("Good 👍", "en"),
        ("Muito bom o produto, chegou antes do prazo", "pt"),
        ("Die Lieferung war viel zu spät und der Karton beschädigt", "de"),
        ("La comida llegó fría y nadie contestó el teléfono", "es"),
        ("とても美味しかったです", "ja"),
        ("배송이 너무 늦었어요", "ko"),
        ("Доставка была очень долгой", "ru"),
        ("👍👍 12345 !!!", "und"),
        ("", "und"),
    ],
)
def test_a_text_is_in_its_language(text: str, code: str) -> None:
    assert language.of(text) == code


def test_every_language_that_is_told_has_a_name() -> None:
    latin = {language._code(one.iso_code_639_1) for one in language._AMONG}
    told = latin | {code for code, _script in language._SCRIPTS} | {"zh", "ja", language.UNKNOWN}
    assert told == words.LANGUAGES.keys()
