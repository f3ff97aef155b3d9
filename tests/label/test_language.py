"""The language of prose: codes with scripts, thresholds, English that stays English, hostile input."""

import json
import lzma
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.document import Document, SourceKind
from corpusforge.label import LabelConfig, Models, label_document, load_models
from corpusforge.label.language import UNDETERMINED, cld2_shares, facts, identify
from corpusforge.label.model import ModelError, packaged_folder
from corpusforge.label.script import han_script, script_of


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models(LabelConfig())


def language(text: str, models: Models, **settings: object) -> tuple[str, float]:
    return identify(text, models.language, LabelConfig().model_copy(update=settings))


SENTENCES = {
    "af": "Die kinders het gister in die tuin gespeel en daarna vir hulle ouma 'n brief geskryf.",
    "am": "ልጆቹ ትናንት በአትክልት ቦታው ተጫውተው ከዚያ በኋላ ለአያታቸው ደብዳቤ ጻፉ።",
    "cv": "Ачасем ӗнер пахчара вылянӑ, унтан кукамӑшӗ патне ҫыру ҫырнӑ.",
    "da": "Børnene legede i haven i går, og bagefter skrev de et brev til deres bedstemor.",
    "fa": "بچه‌ها دیروز در باغ بازی کردند و سپس برای مادربزرگشان نامه نوشتند.",
    "ka": "ბავშვები გუშინ ბაღში თამაშობდნენ და მერე ბებიას წერილი მისწერეს.",
    "mk": "Децата вчера играа во градината, а потоа ѝ напишаа писмо на својата баба.",
    "ja": "子供たちは昨日庭で遊んで、それから祖母に手紙を書きました。",
    "se": "Mánát stohke ikte gilvvagárddis ja čálle de reivve áhkkui, gii orru eará gávpogis.",
    "sr": "Деца су се јуче играла у башти, а затим су написала писмо својој баки.",
    "sr-Latn": "Deca su se juče igrala u bašti, a zatim su napisala pismo svojoj baki u lepom gradu na reci.",
    "ti": "እቶም ቆልዑ ትማሊ ኣብ ጀርዲን ተጻዊቶም ድሕሪኡ ድማ ንዓባዮም ደብዳበ ጽሒፎም።",
    "uk": "Діти вчора гралися в саду, а потім написали листа своїй бабусі.",
    "ur": "بچے کل باغ میں کھیلے اور پھر انہوں نے اپنی دادی کو خط لکھا۔",
    "yi": "די קינדער האָבן נעכטן געשפּילט אין גאָרטן און דערנאָך אָנגעשריבן אַ בריוו צו דער באָבען.",
    "zh-Hans": "孩子们昨天在花园里玩耍，后来给他们的祖母写了一封信。",
    "zh-Hant": "孩子們昨天在花園裡玩耍，後來給他們的祖母寫了一封信。",
    "xh": "Abantwana badlale izolo egadini baza emva koko babhalela umakhulu wabo ileta.",
}


@pytest.mark.parametrize(("code", "text"), SENTENCES.items())
def test_languages_and_their_scripts(code: str, text: str, models: Models) -> None:
    found, score = language(text, models)
    assert found == code and 0 < score <= 1


ENGLISH = [
    "Mr Krzysztof Wojciechowski met Nguyễn Thị Minh Khai and Jürgen Großmann at the café in São Paulo yesterday.",
    "The crème brûlée at Château d'Yquem was fine, but the Gewürztraminer from Neustadt an der Weinstraße was better.",
    "Install the package with pip, then run the server; set the DEBUG flag in the environment to see the log.",
    "You can use the map function to apply a lambda to each element of the list and return a new list.",
]


@pytest.mark.parametrize("text", ENGLISH)
def test_english_with_foreign_names_stays_english(text: str, models: Models) -> None:
    assert language(text, models)[0] == "en"


def test_code_and_formulas_do_not_count(models: Models) -> None:
    text = (
        "Wir zeigen zuerst, dass die Summe konvergiert, und rechnen sie dann aus.\n\n"
        "```python\nfor index, value in enumerate(values):\n    print(value, the_index_of_the_value)\n```\n\n"
        "Daraus folgt $\\text{the limit of the sum is finite}$, was zu zeigen war.\n"
    )
    page = Document(
        doc_id="0" * 32, source="t", source_kind=SourceKind.WARC, locator="t", text=text, url="https://a.b/"
    )
    labelled = label_document(page, LabelConfig(), models)
    assert isinstance(labelled, Document) and labelled.language == "de"
    assert labelled.language_score is not None and labelled.language_score > 0.8


CLOSE = {
    "id": "Pemerintah kota itu bisa membayar uang karena kantor pusat berbeda pendapat.",
    "ms": "Kerajaan bandar itu boleh membayar wang kerana ibu pejabat berbeza pendapat.",
    "da": "Nu blev der meget mere at se af byen efter krigen.",
    "nb": "Nå ble det mye mer å se av byen etter krigen.",
    "nn": "No vart det mykje meir å sjå av byen etter krigen.",
}


@pytest.mark.parametrize(("code", "text"), CLOSE.items())
def test_close_languages_are_told_by_their_words(code: str, text: str, models: Models) -> None:
    assert language(text, models)[0] == code


@pytest.mark.parametrize(
    ("code", "text"),
    {
        "de": "Guten Morgen, Frau",
        "el": "Καλημέρα",
        "th": "สวัสดี",
        "ko": "안녕하세요",
        "my": "မင်္ဂလာပါခင်ဗျာ",
        "ja": "こんにちは",
        "zh-Hans": "使用 Python 的 dataclass 编写 REST 服务并测试",
    }.items(),
)
def test_short_texts_and_texts_in_two_scripts(code: str, text: str, models: Models) -> None:
    assert language(text, models)[0] == code


def test_too_little_or_too_unsure_is_undetermined(models: Models) -> None:
    assert language("ok", models) == (UNDETERMINED, 0.0)
    assert language("12 345 -- 67 %", models) == (UNDETERMINED, 0.0)
    text = SENTENCES["da"]
    assert language(text, models)[0] == "da"
    code, score = language(text, models, language_min_scores={"da": 1.1})
    assert code == UNDETERMINED and score > 0.5


def test_a_language_written_in_one_script_of_its_own_needs_no_model(models: Models) -> None:
    for script, text in {
        "Thai": "เด็กๆ เล่นในสวนเมื่อวานนี้ แล้วเขียนจดหมายถึงคุณยาย",
        "Yiii": "ꆈꌠꁱꂷꀋꉬꇬꄯꒉ" * 4,
        "Knda": "ಮಕ್ಕಳು ನಿನ್ನೆ ತೋಟದಲ್ಲಿ ಆಡಿದರು ಮತ್ತು ಅಜ್ಜಿಗೆ ಪತ್ರ ಬರೆದರು",
    }.items():
        assert script_of(text) == script
        assert language(text, models)[0] == facts().script_languages[script][0]


def test_han_characters_tell_their_script() -> None:
    assert (han_script("学习语言"), han_script("學習語言"), han_script("一二三")) == ("Hans", "Hant", None)


def test_shares_sum_to_one_and_survive_broken_text() -> None:
    for text in ("", "\ud800 broken", "\x00\x01\x02", "Le chat dort. " * 3 + "The dog barks loudly. " * 3):
        shares = cld2_shares(text)
        assert sum(shares.values()) == pytest.approx(1.0, abs=0.03)


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_has_a_code_and_a_probability(text: str) -> None:
    code, score = identify(text, load_models(LabelConfig()).language, LabelConfig())
    assert code and 0 <= score <= 1
    assert identify(text, load_models(LabelConfig()).language, LabelConfig()) == (code, score)


def test_a_changed_model_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    shutil.copytree(packaged_folder(), folder)
    (folder / "language.ftz").write_bytes(b"not the model")
    with pytest.raises(ModelError, match=r"language\.ftz: sha256 is"):
        load_models(LabelConfig(models_folder=str(folder)))


def test_dev_texts_of_two_letter_languages(shared_data: Path, models: Models) -> None:
    hits: dict[str, list[bool]] = defaultdict(list)
    with lzma.open(shared_data / "langid" / "dev.jsonl.xz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["lang1"]:
                found = language(row["text"], models)[0].split("-")[0]
                hits[row["lang1"]].append(found == row["lang1"])
    assert len(hits) >= 150
    assert sum(sum(row) / len(row) for row in hits.values()) / len(hits) > 0.86
