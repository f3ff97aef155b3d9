"""Short texts in languages other than English, put together from sentences written for the demo."""

from __future__ import annotations

from random import Random

# language: (title, sentences with slots {a} place and {b} thing, places, things)
_POOLS: dict[str, tuple[str, str, str, str]] = {
    "de": (
        "Aus der Werkstatt {a}",
        "Am frühen Morgen öffnet der Meister die Werkstatt {a} und legt {b} auf den langen Tisch. | Die Nachbarn kommen gern vorbei, weil man hier noch erfährt, wie {b} wirklich entstanden ist. | Seit mehr als dreißig Jahren wird {b} nur im Winter gereinigt, denn im Sommer fehlt die Zeit. | Wer zum ersten Mal {a} ankommt, wundert sich über die Stille und über den Geruch von Holz und Öl. | Im vergangenen Herbst haben zwei Schülerinnen {b} gezeichnet und alles sorgfältig beschriftet. | Niemand weiß genau, warum {b} damals verkauft wurde, aber das Geld reichte für ein neues Dach. | Abends werden die Rechnungen geschrieben, und dann spricht man über das Wetter und über {b}. | Der Weg dorthin führt über die alte Brücke, und {a} sieht man schon von weitem den Schornstein. | Eine Ausstellung im Rathaus zeigt nun {b} zusammen mit Briefen und Fotografien aus jener Zeit. | Man muss Geduld haben, sagt der Meister, sonst lernt man {b} niemals richtig kennen.",
        "am Fluss | hinter der Kirche | im oberen Dorf | an der Landstraße | beim alten Bahnhof",
        "die große Standuhr | das zerbrochene Rad | der kupferne Kessel | die hölzerne Waage | das Fischernetz",
    ),
    "fr": (
        "Une journée {a}",
        "Le matin, on entend d'abord les oiseaux {a}, puis le bruit des charrettes et des premières voix. | Ma grand-mère gardait {b} dans une armoire fermée à clé, et personne n'osait demander pourquoi. | Il fallait attendre la fin de l'été pour voir {b} sortir de l'atelier, propre et presque neuf. | Les anciens racontent que {b} a sauvé le village pendant l'hiver le plus froid du siècle. | Depuis que la route passe {a}, les visiteurs s'arrêtent plus souvent et posent beaucoup de questions. | On ne trouve plus personne qui sache réparer {b} sans consulter les vieux carnets. | Le conseil a décidé de restaurer {b}, malgré le prix et malgré les discussions sans fin. | Les enfants dessinent {b} à l'école et apportent leurs images à la fête du printemps. | Rien ne presse {a} : on y travaille lentement, mais on y travaille toute l'année. | Celui qui a fabriqué {b} n'a jamais signé son ouvrage, et c'est peut-être mieux ainsi.",
        "au bord du canal | derrière la halle | sur la colline | près du moulin | au fond de la vallée",
        "la vieille presse | le métier à tisser | la barque verte | la cloche fendue | le four à pain",
    ),
    "es": (
        "Historias que se cuentan {a}",
        "Cada domingo, los vecinos se reúnen {a} para hablar de la cosecha y de los precios del mercado. | Mi abuelo decía que {b} tenía más años que la iglesia y más paciencia que el alcalde. | Durante la sequía nadie quiso vender {b}, aunque las ofertas llegaban desde la capital. | Los niños aprendieron a cuidar {b} mirando a los mayores y equivocándose muchas veces. | Hoy se puede visitar {b} por las tardes, siempre que alguien encuentre la llave de la puerta. | El camino que lleva {a} es largo, pero la vista compensa el cansancio de la subida. | En los archivos hay una carta que describe {b} con todo detalle y con bastante humor. | Cuando llegó la luz eléctrica, {b} quedó olvidado en un rincón lleno de polvo. | La maestra propuso restaurar {b} y convenció a todo el pueblo en una sola reunión. | Nadie recuerda quién trajo {b}, pero todos saben dónde estaba la noche de la tormenta.",
        "junto a la fuente | en la plaza pequeña | detrás del puente | a la orilla del lago | en lo alto del cerro",
        "el molino de aceite | la campana rota | el telar de la abuela | la barca azul | el reloj de la torre",
    ),
    "it": (
        "Appunti scritti {a}",
        "La mattina presto si sente il fornaio che apre la bottega {a} e saluta chi passa. | Per molti anni {b} è rimasto coperto da un telo, e nessuno aveva voglia di guardare sotto. | I ragazzi della scuola hanno misurato {b} e poi hanno preparato un disegno molto preciso. | Si dice che {b} abbia viaggiato su tre navi prima di arrivare in questo paese. | Chi lavora {a} conosce bene il vento e sa quando bisogna chiudere le finestre. | Dopo la pioggia il sentiero diventa difficile, ma {b} si vede ancora dalla strada. | Il consiglio comunale ha discusso a lungo se vendere {b} oppure restaurarlo con pazienza. | Mia zia teneva un quaderno in cui descriveva {b} e tutte le persone che lo avevano usato. | D'inverno la gente si raccoglie {a} e racconta storie che cambiano ogni anno. | Alla fine della festa {b} viene riportato al suo posto, con molta cura e qualche battuta.",
        "vicino al porto | sotto i portici | dietro il mercato | lungo il torrente | sulla piazza alta",
        "il vecchio torchio | il carro dipinto | il telaio di legno | l'organo della chiesa | il mulino ad acqua",
    ),
    "pt": (
        "Memórias guardadas {a}",
        "De manhã cedo, os pescadores deixam as redes {a} e conversam sobre o tempo e sobre o preço do peixe. | A minha avó guardava {b} numa caixa de madeira e só a mostrava em dias de festa. | Ninguém sabe ao certo quem construiu {b}, mas todos têm uma história para contar. | Depois da cheia foi preciso limpar {b} com muito cuidado, porque a lama tinha entrado em tudo. | Os alunos da escola escreveram um pequeno livro sobre {b} e venderam todos os exemplares. | O caminho que passa {a} ainda é de terra, e por isso poucos visitantes chegam até lá. | Quando a fábrica fechou, {b} ficou parado durante quase vinte anos. | Agora há uma associação que cuida de {b} e recebe quem quer aprender o ofício. | No inverno acende-se uma fogueira {a} e canta-se até muito tarde. | Quem quiser compreender {b} tem de ficar sentado, calado, e observar durante muito tempo.",
        "ao pé do cais | atrás da capela | na rua de cima | junto ao rio | perto do antigo forno",
        "a velha prensa | o barco vermelho | o relógio da torre | o tear grande | a roda do moinho",
    ),
    "nl": (
        "Verhalen die men vertelt {a}",
        "Vroeg in de ochtend zet de molenaar de deur open {a} en kijkt hij eerst naar de wolken. | Mijn opa bewaarde {b} op zolder en wilde er nooit iets over vertellen. | Toen het water kwam, hebben de buren {b} samen naar een hoger gelegen schuur gedragen. | Er hangt nog een tekening van {b} in het gemeentehuis, naast de oude kaart van het dorp. | Wie {a} woont, weet dat de wind daar bijna nooit gaat liggen. | De kinderen mochten {b} een middag lang schoonmaken en waren daarna heel erg trots. | In het archief staat dat {b} voor een klein bedrag werd verkocht, maar niemand gelooft dat. | Elk jaar in september wordt {b} gerepareerd en daarna feestelijk in gebruik genomen. | Langs de weg {a} staan nog drie bomen die ouder zijn dan de kerk. | Het duurde lang voordat iemand begreep waarom {b} zo zorgvuldig was ingepakt.",
        "bij de sluis | achter de dijk | aan de haven | op het plein | langs het kanaal",
        "de houten weegschaal | het oude anker | de koperen ketel | het weefgetouw | de gebarsten klok",
    ),
    "pl": (
        "Opowieści zapisane {a}",
        "Wczesnym rankiem gospodarz otwiera warsztat {a} i długo patrzy na niebo, zanim zacznie pracę. | Moja babcia często powtarzała, że {b} pamięta czasy, o których nikt już nie chce mówić. | Dzieci ze szkoły narysowały {b} i zaniosły swoje rysunki na wiosenny jarmark. | Po powodzi trzeba było wszystko oczyścić, a {b} suszono przez całe lato na słońcu. | Kto mieszka {a}, ten dobrze wie, kiedy trzeba zamknąć okna i schować drewno. | W archiwum leży list, w którym dokładnie opisano {b} oraz jego pierwszego właściciela. | Rada długo dyskutowała, czy sprzedać {b}, czy raczej naprawić go własnymi siłami. | Zimą ludzie spotykają się {a} i opowiadają historie, które co roku brzmią inaczej. | Nikt nie potrafi już zbudować takiej rzeczy jak {b}, ale kilka osób wciąż umie ją naprawić. | Droga jest kręta i błotnista, jednak widok wynagradza każdy trud.",
        "nad rzeką | za starym mostem | przy młynie | na rynku | pod lasem",
        "stary zegar | drewniany wóz | miedziany kocioł | pęknięty dzwon | warsztat tkacki",
    ),
    "ru": (
        "Рассказы, записанные {a}",
        "Рано утром мастер открывает мастерскую {a} и сначала долго слушает, как шумит вода. | Моя бабушка хранила {b} в большом сундуке и показывала только близким друзьям. | После наводнения пришлось всё разобрать, и {b} сушили на солнце целое лето. | Дети нарисовали {b} в школе, а потом принесли свои рисунки на весеннюю ярмарку. | Никто точно не знает, кто сделал {b}, но у каждого есть своя история об этом. | Зимой люди собираются {a} и рассказывают одно и то же каждый раз немного по-другому. | В архиве лежит письмо, где подробно описаны дом, дорога и {b}. | Совет долго спорил, продать {b} или починить своими руками и оставить в деревне. | Дорога туда длинная и грязная, но {a} открывается прекрасный вид на долину. | Тот, кто хочет понять {b}, должен сидеть тихо и смотреть очень внимательно.",
        "у старого моста | на берегу реки | за мельницей | на площади | возле леса",
        "старые часы | медный котёл | деревянные весы | треснувший колокол | рыбацкую сеть",
    ),
    "sv": (
        "Berättelser som samlats {a}",
        "Tidigt på morgonen öppnar smeden sin verkstad {a} och ser efter hur vinden blåser. | Min mormor förvarade {b} i en låst kista och ville aldrig säga varför. | Efter översvämningen fick grannarna torka {b} i solen under hela sommaren. | Barnen i skolan ritade av {b} och sålde sedan sina bilder på marknaden. | Ingen vet säkert vem som tillverkade {b}, men alla har en egen förklaring. | På vintern samlas folk {a} och berättar historier som förändras lite varje år. | I arkivet finns ett brev där {b} beskrivs mycket noggrant och med en del humor. | Kommunen diskuterade länge om man skulle sälja {b} eller laga den på egen hand. | Vägen dit är lång och lerig, men utsikten är värd hela besväret. | Den som vill förstå {b} måste sitta stilla och titta länge.",
        "vid ån | bakom kyrkan | nere i hamnen | på torget | intill den gamla kvarnen",
        "den gamla klockan | kopparkitteln | vävstolen | den röda båten | den spruckna vågen",
    ),
    "ja": (
        "{a}での話",
        "朝早く、職人は{a}で仕事場の戸を開け、まず空の色をゆっくりと眺めます。 | 祖母は{b}を古い箱の中に大切にしまっていて、祭りの日にだけ見せてくれました。 | 洪水のあと、近所の人たちは{b}を夏のあいだずっと日に干していました。 | 学校の子どもたちは{b}の絵を描き、春の市場に持っていきました。 | 誰が{b}を作ったのかは分かりませんが、みんなが自分の物語を持っています。 | 冬になると人々は{a}に集まり、毎年少しずつ違う話をします。 | 町の記録には、{b}についての長い手紙が残されています。 | そこへ行く道は長くて歩きにくいですが、景色はとても美しいです。 | {b}を理解したい人は、静かに座って、時間をかけて見なければなりません。 | 若い人たちは{a}で新しい店を始め、古い道具をもう一度使い始めました。",
        "川のそば | 古い橋の近く | 港の裏 | 小さな広場 | 水車小屋",
        "古い時計 | 銅の鍋 | 木の秤 | 割れた鐘 | 漁師の網",
    ),
}

LANGUAGES = tuple(sorted(_POOLS))


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split("|")]


def article(random: Random, language: str) -> tuple[str, list[str]]:
    """Return the title and the paragraphs of an article in a language."""
    title, sentences, places, things = (_list(part) for part in _POOLS[language])
    order = random.sample(sentences, len(sentences))[: random.randint(8, 10)]
    filled = [text.format(a=random.choice(places), b=random.choice(things)) for text in order]
    filled = [text[:1].upper() + text[1:] for text in filled]
    joint = "" if language == "ja" else " "
    cut = random.randint(3, 5)
    return title[0].format(a=random.choice(places)), [joint.join(filled[:cut]), joint.join(filled[cut:])]
