"""The critical areas of the demo, each with the measure that its units propose."""

from __future__ import annotations

from typing import Final, NamedTuple


class Area(NamedTuple):
    """A critical area that a unit may point out, with the measure it proposes."""

    area: str
    why: str
    need: str
    measure: str
    category: str
    indicator: str
    cost: int


AREAS: Final = (
    Area(
        "Bruk av kunstig intelligens i saksbehandling",
        "Vi får flere saker uten å bli flere. Da må vi kunne bruke verktøyene trygt og vite når vi ikke skal det.",
        "lære",
        "Felles opplæring i kunstig intelligens for saksbehandlere",
        "utvikle",
        "Andel saksbehandlere som har gjennomført opplæringen",
        350_000,
    ),
    Area(
        "Klarspråk og digitale brev",
        "Mange ringer fordi de ikke forstår brevene. Et klart brev sparer både brukeren og oss for tid.",
        "lære",
        "Skriveverksted i klarspråk med egne brev",
        "utvikle",
        "Antall henvendelser om brev vi har skrevet om",
        120_000,
    ),
    Area(
        "Informasjonssikkerhet i hverdagen",
        "Tilsynet pekte på at vi er for ujevne. Alle må kjenne reglene for deling og lagring.",
        "mobilisere",
        "Sikkerhetskontakt i hver seksjon",
        "mobilisere",
        "Antall avvik som meldes innen ett døgn",
        80_000,
    ),
    Area(
        "Dataanalyse og styringsinformasjon",
        "Vi har tallene, men for få som kan lese dem. Beslutninger tas på magefølelse når frister nærmer seg.",
        "anskaffe",
        "Ansette en analytiker og bygge et fagmiljø rundt henne",
        "rekruttere",
        "Antall beslutningssaker som bygger på egne analyser",
        1_100_000,
    ),
    Area(
        "Endringsledelse for mellomledere",
        "Omstillingen treffer alle seksjoner, og lederne sier selv at de trenger støtte til å stå i den.",
        "lære",
        "Ledernettverk med veiledning gjennom et år",
        "utvikle",
        "Medarbeidernes svar om endring i neste undersøkelse",
        240_000,
    ),
    Area(
        "Anskaffelser og kontraktsoppfølging",
        "Avtalene våre blir større, og vi taper penger når ingen følger dem opp etter signering.",
        "mobilisere",
        "Kontraktseiere med tid og ansvar",
        "mobilisere",
        "Andel avtaler med navngitt eier og årlig gjennomgang",
        60_000,
    ),
    Area(
        "Tverrfaglig tjenesteutvikling",
        "Brukerne møter oss som én etat. Vi jobber fortsatt hver for oss og oppdager feilene til slutt.",
        "lære",
        "Felles opplæring i tjenestedesign på tvers av seksjoner",
        "utvikle",
        "Antall tjenester som er prøvd ut med brukere før lansering",
        180_000,
    ),
    Area(
        "Arkiv og dokumentasjonsforvaltning",
        "To av tre fagpersoner går av med pensjon i løpet av tre år, og kunnskapen sitter i hodene deres.",
        "anskaffe",
        "Overlapping og opplæringsstilling i arkiv",
        "rekruttere",
        "Antall rutiner som er skrevet ned og prøvd av en ny",
        640_000,
    ),
)
