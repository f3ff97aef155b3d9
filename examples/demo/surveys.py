"""Pages about mathematics that derive nothing: definitions, names and history, with formulas."""

from __future__ import annotations

from random import Random

from maths import Formula, Passage, Piece

_SUBJECTS = {
    "Normed spaces": (
        "The space |L^{@}(\\Omega)| consists of the functions whose |@|-th power is integrable, and its norm is usually written |\\|f\\|_{@}|.",
        "Completeness is part of the definition of a Banach space; the rational numbers with |\\lvert x \\rvert| are the standard example of an incomplete space.",
        "Among the sequence spaces, |\\ell^{2}| is the only one whose norm comes from an inner product |\\langle x, y \\rangle|.",
        "The dual of |\\ell^{@}| has been studied since the nineteen-twenties, when the Lwów school met in a café near the university.",
        "Many textbooks write |X^{*}| for the space of continuous functionals, others prefer |X'|, and a few use both in one chapter.",
        "A weighted norm such as |\\|f\\|_{w} = \\int \\lvert f \\rvert w \\, d\\mu| appears wherever measurements are of unequal quality.",
    ),
    "Prime numbers": (
        "The number of primes below |x| is denoted by |\\pi(x)|, and tables of it were printed long before there were machines.",
        "The prime number theorem, |\\pi(x) \\sim x / \\ln x|, was conjectured from such tables by a boy of fifteen.",
        "Twin primes, the pairs |(p, p + 2)| in the older lists, were collected by amateurs, some of whom made a living as clerks.",
        "The function |\\zeta(s)| is defined by |\\sum n^{-s}| for |\\Re s > 1| and bears the letter that its best-known student chose.",
        "A Mersenne number has the form |2^{@} - 1|; whether infinitely many of them are prime is not known.",
        "Modern tables end near |10^{@}|, where storage rather than arithmetic sets the limit.",
    ),
    "Graphs": (
        "A graph |G = (V, E)| is drawn with dots and lines, though the drawing is no part of the definition.",
        "The chromatic number |\\chi(G)| of a planar graph is at most four, a fact whose first proof filled several hundred pages.",
        "Complete graphs are written |K_{@}| and complete bipartite graphs |K_{@,@}|, after a mathematician who wrote the first monograph.",
        "Random graphs |G(n, p)| became a subject of their own around the year 1960, and the letters have not changed since.",
        "Electrical engineers speak of networks, chemists of molecules, and both use the matrix |A| with |a_{ij} \\in \\{0, 1\\}|.",
        "The diameter of a social network with |10^{@}| members is often quoted as six, though the figure depends on what counts as an edge.",
    ),
    "Curves and surfaces": (
        "The curvature of a circle of radius |r| is |\\kappa = 1/r|, and that of a straight line is zero.",
        "Minimal surfaces, those with mean curvature |H = 0|, can be seen in soap films and in the roofs of stadiums.",
        "The Gaussian curvature |K| of a cylinder vanishes, which is why labels stick to cans without folds.",
        "Maps of the earth distort areas because no chart of the sphere |S^{2}| preserves the metric |g|.",
        "Algebraic curves of degree |@| have at most |@| components in the plane; the list of arrangements is old and still incomplete.",
        "The torus |T^{@}| is a favourite of illustrators, the Klein bottle one of glass blowers.",
    ),
}


def _pieces(random: Random, sentence: str) -> list[Piece]:
    found: list[Piece] = []
    number = str(random.randint(2, 29))
    for place, text in enumerate(sentence.split(" |")):
        if place == 0:
            found.append(text + " ")
            continue
        tex, _, rest = text.partition("|")
        while rest and tex.endswith("\\"):  # a norm's own bars
            more, _, rest = rest.partition("|")
            tex += "|" + more
        found += [Formula(tex.replace("@", number)), rest + " "]
    return found


def survey(random: Random) -> tuple[str, list[Passage]]:
    """Return a title and passages on two subjects, sentences in an order of their own."""
    subjects = random.sample(sorted(_SUBJECTS), 2)
    passages: list[Passage] = []
    for subject in subjects:
        order = random.sample(_SUBJECTS[subject], 5)
        pieces = [_pieces(random, sentence) for sentence in order]
        passages.append((subject, [pieces[0] + pieces[1], pieces[2], pieces[3] + pieces[4]]))
    return f"{subjects[0]}, and a word on {subjects[1].lower()}", passages
