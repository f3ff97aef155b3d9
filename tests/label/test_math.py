"""Mathematics is told with and without LaTeX, in several languages; digits and signs alone are none."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpusforge.commands.label import Task, make_judge
from corpusforge.config import StepsConfig
from corpusforge.document import Document, Markup, SourceKind
from corpusforge.label import LabelConfig
from corpusforge.label.counting import COUNTERS, count
from corpusforge.label.math import EVIDENCE, count_sections, evidence, marked, math_scores, sections, whole
from corpusforge.label.model import MathModel, load_math, read_pin
from corpusforge.label.reading import read
from corpusforge.label.vocabulary import FIELDS

MATHEMATICS = {
    "plain proof": """Claim. If n is odd, then n squared is odd. Proof. Suppose n is odd. Then n = 2k + 1 for some
integer k. Hence n^2 = 4k^2 + 4k + 1 = 2(2k^2 + 2k) + 1, which is odd, since 2k^2 + 2k is an integer.""",
    "ascii": """Let f(x) = x^3 - 3x + 1. Then f'(x) = 3x^2 - 3 = 3(x - 1)(x + 1), so f is increasing for x > 1 and
x < -1. Since f(-2) = -1 < 0 and f(-1) = 3 > 0, there is a root between -2 and -1 by continuity.""",
    "unicode": """For every ε > 0 there is δ > 0 such that |x − a| < δ implies |f(x) − f(a)| < ε. If f is continuous on
[a, b] ⊂ ℝ, then f attains its maximum: ∃ c ∈ [a, b] ∀ x ∈ [a, b]: f(x) ≤ f(c).""",
    "school": """Adding fractions. To add two fractions with different denominators, find the least common multiple of the
denominators. Example: 1/4 + 1/6. The least common multiple of 4 and 6 is 12, so 1/4 = 3/12 and 1/6 = 2/12.
Therefore 1/4 + 1/6 = 5/12. Exercise: simplify 3/8 + 5/12.""",
    "tex": r"""\begin{theorem} Let $G$ be a finite group and $H \le G$. Then $|H|$ divides $|G|$. \end{theorem}
\begin{proof} The cosets $gH$ partition $G$, and $|gH| = |H|$ for each $g \in G$. \end{proof}""",
    "chinese": "定理：设 f 在闭区间 [a,b] 上连续，则 f 在 [a,b] 上有界。证明：假设 f 无界，则对任意正整数 n 存在 x_n 使得 |f(x_n)| > n。"
    "由于数列有收敛子列，函数在极限点连续，矛盾。因此定理成立。",
    "russian": "Теорема. Пусть функция f непрерывна на отрезке [a, b]. Тогда она ограничена. Доказательство. Предположим противное: "
    "для каждого натурального n найдётся x_n, что |f(x_n)| > n. Последовательность имеет сходящуюся подпоследовательность.",
    "french": "Théorème. Soit f une fonction continue sur [a, b]. Alors f est bornée. Démonstration. Supposons que f ne soit pas "
    "bornée; pour tout entier n il existe x_n tel que |f(x_n)| > n. La suite admet une limite, donc contradiction.",
    "german": "Satz. Sei f eine stetige Funktion auf [a, b]. Dann ist f beschränkt. Beweis. Angenommen, f ist unbeschränkt. Dann gibt es "
    "zu jeder natürlichen Zahl n ein x_n mit |f(x_n)| > n. Die Folge hat eine konvergente Teilfolge, Widerspruch.",
    "spanish": "Teorema. Sea f una función continua en [a, b]. Entonces f está acotada. Demostración. Supongamos que no; para cada entero n "
    "existe x_n tal que |f(x_n)| > n. La sucesión tiene límite, luego hay una contradicción.",
    "japanese": "定理：関数 f が閉区間 [a,b] で連続ならば、f は有界である。証明：有界でないと仮定すると、任意の整数 n に対して |f(x_n)| > n となる "
    "x_n が存在する。数列は収束する部分列をもつから、極限を考えると矛盾。",
}
OTHERS = {
    "prices": "\n".join(f"Oak table no. {i}: $1{i}9.00, now $9{i}.50 (-30%), 2 for $18{i}" for i in range(12)),
    "sport": "\n".join(f"Real Sociedad {i % 4}-{i % 3} Osasuna (ht 1-0), att. 2{i},118" for i in range(14)),
    "csv": "station,day,tmin,tmax,rain\n" + "\n".join(f"KX{i},{i},{i * 0.7:.1f},{i + 9.3:.1f},{i % 5}" for i in range(20)),
    "shell": "for f in $HOME/*.log; do\n  if [ $(wc -l < $f) -gt 100 ]; then gzip $f; fi\ndone\nexport N=$((N + 1))\n" * 3,
    "finance": "The company reported revenue of $4.2 billion, up 12% from $3.75 billion. Operating margin widened to 18.4%; earnings "
    "per share of $1.31 beat the $1.24 that analysts expected. Free cash flow was $610 million, and the dividend rises by 5%.",
    "telephones": "\n".join(f"Office {i}: +44 20 7946 0{i}18, fax 0{i}19, room {i}/2{i}" for i in range(10)),
    "chess": "1. e4 c5 2. Nf3 d6 3. d4 cxd4 4. Nxd4 Nf6 5. Nc3 a6 6. Bg5 e6 7. f4 Qb6 8. Qd2 Qxb2 9. Rb1 Qa3 10. e5 dxe5 0-1",
    "music": "Verse: Am F C G / Am F C G\nChorus: F G Em Am, F G C (x2)\nBridge in 3/4: Dm7 G7 Cmaj7, capo on the 2nd fret, 92 bpm",
    "recipe": "Mix 1/2 cup butter with 3/4 cup sugar; add 2 eggs and 1 1/2 tsp vanilla. Fold in 2 1/4 cups flour. Bake at 350 F for 25 "
    "minutes. Makes 24 cookies; 1/3 of the dough can be frozen for up to 3 months.",
    "code": "int gcd(int a, int b) {\n  while (b != 0) { int t = a % b; a = b; b = t; }\n  return a;\n}\nassert(gcd(12, 18) == 6);\n",
    "regexes": "Use ^\\d{3}-\\d{4}$ to match a number, [A-Za-z_]\\w* for a name, and (?:https?://)?[^/]+ for a host; .* is greedy, .*? is not.",
    "checksums": "\n".join(f"{i * 7919:08x}{i * 104729:012x}{i * 31:012x}  build-{i}.zip" for i in range(12)),
    "chemistry": "2 H2 + O2 -> 2 H2O\nCaCO3 + 2 HCl -> CaCl2 + CO2 + H2O\nNaOH + HCl -> NaCl + H2O. The pH of the solution rose to 7.4 "
    "after 25 ml of 0.1 M NaOH had been added, and the flask was cooled to 4 °C.",
    "bibliography": "\n".join(f"[{i}] Moreau, P. (19{60 + i}). Letters from the coast. Annals of Travel {i}(2), {i}01-{i}19." for i in range(9)),
    "timetable": "\n".join(f"Bus {i}: Station 06:{i}0, Market 06:{i}8, Hospital 07:0{i}, Airport 07:2{i}" for i in range(6)),
    "lottery": "\n".join(f"Draw {i}: 4 11 1{i} 27 33 4{i}, bonus {i}; jackpot 1{i}.5 million" for i in range(9)),
    "law": "Section 4(2)(b) applies where notice under section 3(1) was given before 1 May 2011. A person who fails to comply with "
    "subsection (3) is liable to a fine not above level 5. Sections 12 to 15 and schedule 2, paragraphs 4(a)-(c), are repealed.",
    "novel": "He set the lamp down and counted the stairs, twelve of them, as he had done as a boy. She was waiting at the gate with two "
    "letters in her hand, and neither of them said a word until the carriage had gone round the bend.",
    "chinese news": "昨日下午，市政府召开新闻发布会，宣布新机场将于明年三月开始动工，总投资约三百二十亿元，预计四年后投入使用。附近居民表示欢迎。",
}  # fmt: skip


@pytest.fixture(scope="module")
def config() -> LabelConfig:
    return LabelConfig()


@pytest.fixture(scope="module")
def model() -> MathModel:
    pin = read_pin("math")
    return load_math(pin.path, pin.sha256)


@pytest.mark.parametrize("name", MATHEMATICS)
def test_mathematics_in_many_dresses(name: str, config: LabelConfig, model: MathModel) -> None:
    assert math_scores(read(MATHEMATICS[name]), model, config).score >= config.math_threshold


@pytest.mark.parametrize("name", OTHERS)
def test_digits_signs_and_prose_are_none(name: str, config: LabelConfig, model: MathModel) -> None:
    assert math_scores(read(OTHERS[name]), model, config).score < config.math_threshold


def test_each_task_answers_both_questions() -> None:
    document = Document(doc_id="0" * 32, source="s", source_kind=SourceKind.JSONL, locator="l")
    config = StepsConfig()
    for task in (Task.MATH, Task.SCAFFOLD):
        judge = make_judge((config, task, Markup.TEXT))
        proof = judge(replace(document, text=MATHEMATICS["ascii"] * 2))
        story = judge(replace(document, text=OTHERS["novel"]))
        assert (proof["is_math"], proof["is_scaffold"], story["is_math"], story["is_scaffold"]) == (
            True,
            True,
            False,
            False,
        )
        assert proof["math_score"] > 0.5 > story["math_score"] and proof["scaffold_score"] > 0.5


def test_a_mathematical_section_of_a_long_page_is_found(config: LabelConfig, model: MathModel) -> None:
    story = (OTHERS["novel"] + "\n\n") * 30
    page = f"{story}# An aside\n\n{MATHEMATICS['ascii'] * 3}\n\n# Back\n\n{story}"
    scores = math_scores(read(page), model, config)
    assert scores.score < config.math_threshold
    assert max(scores.sections) >= config.math_threshold
    assert sum(score >= 0.5 for score in scores.sections) <= 2


APPLIED = {
    "finance": "The present value of the bond's cash flows is $PV = \\frac{FV}{(1+r)^n}$; with a coupon of $60 and a yield to maturity of "
    "5%, investors price the bond at a premium. The firm's weighted average cost of capital is $WACC = w_d r_d (1-T) + w_e r_e$, and "
    "shareholders accept the project if its net present value is positive. Equity, debt and dividends are reported in the accounts.",
    "sport": "Slugging percentage is $SLG = \\frac{1B + 2 \\times 2B + 3 \\times 3B + 4 \\times HR}{AB}$. The batter ended the season at "
    ".512, third in the league; the pitcher gave up four runs in nine innings. Clubs weigh on-base percentage, $OBP$, and runs scored.",
    "physics": "The electron in the field is accelerated with $F = qE$ until its kinetic energy is 40 keV. The detector counts photons "
    "of the emission line at a wavelength of 589 nm, $E = hc/\\lambda$, while the plasma cools from 900 K and its pressure falls to 3 kPa.",
    "engineering": "The pump delivers 4 L/s against a head of 12 m; its power is $P = \\rho g Q H / \\eta$. The steel beam carries the load of the "
    "boiler and the pipes; the valve closes when the sensor reads 8 bar, and the motor's torque is 40 N m at the shaft.",
}  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_a_users_offset_moves_the_border_of_a_field(field: str, model: MathModel) -> None:
    text = read(APPLIED[field])
    strict, usual, lax = (
        math_scores(text, model, LabelConfig.model_validate({"math_field_offsets": {field: offset}})).score
        for offset in (-2.0, 0.0, 4.0)
    )
    assert strict < usual < LabelConfig().math_threshold < lax
    proof = read(MATHEMATICS["plain proof"])
    assert (
        math_scores(proof, model, LabelConfig.model_validate({"math_field_offsets": {field: -2}})).score > 0.5
    )


def test_only_fields_that_are_counted_can_be_moved() -> None:
    with pytest.raises(ValueError, match="math_field_offsets"):
        LabelConfig.model_validate({"math_field_offsets": {"cooking": 1.0}})


def marked_text(text: str) -> str:
    return marked(read(text))


def test_formulas_are_marked_and_prices_are_not() -> None:
    text = marked_text("We have $x^2 = 4$ and paid $5 for it, then \\(y\\).")
    assert text.count("\x01") == text.count("\x02") == 2 and "\x01$x^2 = 4$\x02" in text


def counted(text: str) -> dict[str, int]:
    return {
        name: int(value) for name, value in zip(COUNTERS, count(marked_text(text))[0], strict=True) if value
    }


def test_what_the_pass_counts() -> None:
    assert counted("x = 3, y ≤ 2x + 1")["relations"] == 2
    assert "relations" not in counted("if (total == limit) { total += 1 }")
    assert counted("It cost $40, or 12 %; €3.")["money"] == 3
    assert counted("a,1,2\nb,3,4\nc,5,6")["table_rows"] == 2
    assert counted("Spurs 2-1 Leeds\nLeeds 0 – 3 Hull")["score_lines"] == 2
    assert counted("1. Add.\n2. Divide.\n(3) Stop.")["numbered_lines"] == 3
    assert counted("5f4dcc3b5aa765d61d8327deb882cf99")["hashes"] == 1
    assert counted("定理：整数。证明。")["strong"] == 3
    assert counted("Доказательство теоремы")["strong"] == 2
    assert count(marked_text("The sum is 12 of $x$ and y."))[2] == "the sum is 0 of F and V "


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=400))
@example("੦")
def test_counts_of_any_text_are_bounded_and_scores_are_probabilities(model: MathModel, text: str) -> None:
    config = LabelConfig()
    counters, _, tokens = count(marked_text(text))
    assert (counters >= 0).all() and counters[0] + counters[1] <= len(marked_text(text))
    assert "\n" not in tokens
    scores = math_scores(read(text), model, config)
    assert 0 <= scores.score <= 1 and all(0 <= score <= 1 for score in scores.sections)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ab $#\n.1", max_size=400), max_size=20).map("\n\n".join))
def test_sections_hold_the_whole_text_in_order(text: str) -> None:
    config = LabelConfig(math_section_chars=200, math_sections=1000)
    pieces = sections(text, config)
    assert max(map(len, pieces)) <= 6 * config.math_section_chars
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_document_is_the_sum_of_its_sections(config: LabelConfig) -> None:
    text = "\n\n".join(MATHEMATICS.values())
    parts = count_sections(read(text), None, config)
    assert len(parts) > 1
    assert (whole(parts).counters == sum(part.counters for part in parts)).all()
    assert len(evidence(whole(parts))) == len(EVIDENCE)


def test_a_long_text_is_read_in_a_bounded_number_of_sections() -> None:
    config = LabelConfig(math_sections=5)
    assert len(sections("word " * 100_000, config)) == 5
    assert len(sections("para\n\n" * 100_000, config)) == 5
