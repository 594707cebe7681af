"""What is said of who, operations, messages, time and data."""

from __future__ import annotations

from komp_flow.engine.checks.rule import Rule, table
from komp_flow.i18n import _l

MEANING: dict[str, Rule] = {}

# ---- who ----------------------------------------------------------------------------------------------------------
MEANING |= table(
    "error",
    not_zeebe_user_task=(
        _l("Brukeroppgaven mangler zeebe:userTask."),
        _l("Velg «Camunda user task» som type for oppgaven i tegneverktøyet."),
    ),
    who_missing=(
        _l("Oppgaven sier ikke hvem som skal gjøre den."),
        _l("Skriv en rolle i candidateGroups, eller et uttrykk som gir et ansattnummer, i assignee."),
    ),
    role_unknown=(_l("Rollen «%(role)s» finnes ikke."), _l("Velg mellom %(roles)s.")),
    form_unknown=(
        _l("Skjemaet «%(form)s» finnes ikke."),
        _l("Ta med skjemafilen, eller rett skjemaets id."),
    ),
    form_unsupported=(
        _l("Oppgaven viser til et skjema på en måte som ikke kan følges her (%(name)s)."),
        _l("Lag skjemaet som egen fil, og skriv id-en i formId."),
    ),
    due_date_invalid=(
        _l("%(name)s kan ikke leses: «%(text)s»."),
        _l(
            "Skriv en dato eller et tidspunkt som 2027-03-01 eller 2027-03-01T12:00:00+01:00, "
            "eller et FEEL-uttrykk som begynner med =."
        ),
    ),
    reminders_invalid=(
        _l("Påminnelsene kan ikke leses: «%(text)s»."),
        _l("Skriv varigheter før fristen med komma imellom, som P7D, P0D, eller none."),
    ),
    guidance_invalid=(
        _l("Veiledningen «%(text)s» er ikke en gyldig id."),
        _l("Skriv id-en til en veiledningstekst: bokstaver, tall, bindestrek og punktum, høyst 100 tegn."),
    ),
)
MEANING |= table(
    "warning",
    candidate_users=(
        _l("candidateUsers leses ikke. Bare roller og assignee avgjør hvem oppgaven går til."),
        _l("Bruk candidateGroups eller assignee."),
    ),
    lane_contradicts=(
        _l("Banen heter «%(lane)s», men oppgaven går til %(roles)s."),
        _l("Flytt oppgaven til riktig bane, eller rett rollen. Det er rollen som avgjør."),
    ),
    reminders_without_due=(
        _l("Oppgaven har påminnelser, men ingen frist."),
        _l("Sett dueDate på oppgaven, eller fjern påminnelsene."),
    ),
)

# ---- operations, messages, errors ---------------------------------------------------------------------------------
MEANING |= table(
    "error",
    operation_missing=(
        _l("Oppgaven sier ikke hva den skal utføre."),
        _l("Skriv en registrert operasjon i zeebe:taskDefinition type."),
    ),
    operation_unknown=(
        _l("Operasjonen «%(type)s» er ikke registrert."),
        _l("Velg en av operasjonene som finnes: %(types)s."),
    ),
    operation_dynamic=(
        _l("Operasjonens type kan ikke være et uttrykk."),
        _l("Skriv navnet på operasjonen direkte. Bruk en portal hvis det skal variere."),
    ),
    operation_input_missing=(
        _l("Operasjonen «%(type)s» mangler det den trenger: %(names)s."),
        _l("Legg til en inntilordning (zeebe:input) med dette navnet."),
    ),
    message_missing=(
        _l("Det mangler en melding («%(ref)s»)."),
        _l("Velg en melding for elementet."),
    ),
    message_name=(
        _l("Meldingen mangler et fast navn."),
        _l("Gi meldingen et navn som ikke er et uttrykk."),
    ),
    correlation_missing=(
        _l("Meldingen «%(name)s» mangler korrelasjonsnøkkel, så ingen vet hvem den er til."),
        _l("Skriv en nøkkel i zeebe:subscription correlationKey, for eksempel =unit.id."),
    ),
    throw_operation=(
        _l('Det som sender en melding, må ha zeebe:taskDefinition type="send-message".'),
        _l("Sett type til send-message."),
    ),
    signal_missing=(_l("Det mangler et signal («%(ref)s»)."), _l("Velg et signal for hendelsen.")),
    signal_name=(_l("Signalet mangler et fast navn."), _l("Gi signalet et navn som ikke er et uttrykk.")),
    error_missing=(_l("Det mangler en feil («%(ref)s»)."), _l("Velg en feil for hendelsen.")),
    error_code=(_l("Feilen mangler en fast kode."), _l("Gi feilen en kode som ikke er et uttrykk.")),
    escalation_missing=(_l("Det mangler en eskalering («%(ref)s»)."), _l("Velg en eskalering for hendelsen.")),
    escalation_code=(_l("Eskaleringen mangler en fast kode."), _l("Gi eskaleringen en kode som ikke er et uttrykk.")),
    keep_invalid=(
        _l("Tiden meldingen skal beholdes, kan ikke leses: «%(text)s»."),
        _l("Skriv en varighet som P30D, høyst fem år, eller cycle."),
    ),
    timer_kind=(
        _l("Tidshendelsen må ha nøyaktig én av dato, varighet og gjentakelse."),
        _l("Velg én av dem, og skriv når den skal gå av."),
    ),
    timer_invalid=(
        _l("Tidshendelsen kan ikke brukes: %(reason)s"),
        _l("Skriv en dato, en varighet som P14D, en gjentakelse som R3/P7D, eller et FEEL-uttrykk som begynner med =."),
    ),
    call_missing=(
        _l("Prosesskallet sier ikke hvilken prosess det gjelder."),
        _l("Skriv prosessens id i zeebe:calledElement processId."),
    ),
    call_dynamic=(
        _l("Prosessen som kalles, kan ikke være et uttrykk."),
        _l("Skriv prosessens id direkte. Bruk en portal hvis det skal variere."),
    ),
    call_unknown=(
        _l("Prosessen «%(process)s» finnes ikke."),
        _l("Ta med diagrammet som har den, eller rett id-en."),
    ),
    call_no_plain_start=(
        _l("Prosessen «%(process)s» kan ikke kalles, for den har ingen starthendelse uten utløser."),
        _l("Tegn en vanlig start i prosessen som kalles."),
    ),
    call_recursive=(
        _l("Prosesskallet kommer tilbake til seg selv: %(path)s."),
        _l("Bryt ringen. Bruk en flyt tilbake, eller start den andre prosessen med en melding."),
    ),
)
MEANING |= table(
    "warning",
    timer_kind_differs=(
        _l("«%(text)s» er skrevet som %(kind)s, men er noe annet. Den går av slik teksten sier."),
        _l("Velg dato, varighet eller gjentakelse slik at det passer til teksten."),
    ),
    operation_input_unknown=(
        _l("Operasjonen «%(type)s» leser ikke %(names)s."),
        _l("Fjern inntilordningen, eller rett navnet."),
    ),
    error_never_thrown=(
        _l("Operasjonen «%(type)s» gir aldri feilen «%(code)s»."),
        _l("Rett koden, eller fjern kanthendelsen."),
    ),
    start_twice=(
        _l("To starthendelser venter på det samme («%(name)s»). Hver av dem starter en prosess."),
        _l("Slå dem sammen til én."),
    ),
    call_gives_nothing=(
        _l("Prosessen «%(process)s» leser %(names)s, men kallet gir det ikke med."),
        _l("Legg til inntilordninger på prosesskallet. Bare de følger med."),
    ),
)

# ---- data ---------------------------------------------------------------------------------------------------------
MEANING |= table(
    "error",
    mi_collection=(
        _l("Gjentakelsen mangler en liste å gå igjennom."),
        _l("Skriv et FEEL-uttrykk som gir en liste, i zeebe:loopCharacteristics inputCollection."),
    ),
    mi_too_many=(
        _l("Listen har %(count)s deler. Grensen er %(limit)s."),
        _l("Del listen, eller start en egen prosess for hver del."),
    ),
    mi_output=(
        _l("outputCollection og outputElement hører sammen. Den ene mangler."),
        _l("Skriv begge, eller fjern den som står der."),
    ),
    mi_misplaced=(
        _l("Dette elementet kan ikke gjentas over en liste."),
        _l("Legg det inn i en delprosess som gjentas."),
    ),
    mi_behavior=(
        _l("Hendelser underveis i en gjentakelse (behavior) kjøres ikke."),
        _l("Fjern behavior, og tegn hendelsen inni en delprosess."),
    ),
    feel_invalid=(
        _l("Uttrykket kan ikke leses: «%(text)s». %(reason)s"),
        _l("Rett uttrykket. Det skal være FEEL, og begynne med =."),
    ),
    feel_expected=(
        _l("Her må det stå et FEEL-uttrykk, men det står «%(text)s»."),
        _l("Begynn med =, for eksempel =godkjent = true."),
    ),
    name_invalid=(
        _l("«%(name)s» kan ikke være navnet på en variabel."),
        _l("Bruk bokstaver, tall og understrek, uten mellomrom og punktum, og ikke et tall først."),
    ),
    name_reserved=(
        _l("Navnet «%(name)s» er opptatt."),
        _l(
            "Velg et annet navn enn cycle, unit, person, measure, deadline, escalation og typename, "
            "uten to understreker først."
        ),
    ),
    name_impossible=(
        _l("Navnet «%(name)s» kan ikke finnes her. Det finnes bare i %(home)s."),
        _l("Før verdien ut med en uttilordning, eller bruk et annet navn."),
    ),
    name_not_mapped=(
        _l(
            "Navnet «%(name)s» kan ikke finnes her. Det er et felt i oppgaven %(home)s, "
            "men uttilordningen der tar det ikke med."
        ),
        _l("Legg til feltet i oppgavens uttilordninger, eller bruk navnet den gir."),
    ),
    name_misspelt=(
        _l("Navnet «%(name)s» kan ikke finnes her, for ingenting skriver det. Mente du «%(other)s»?"),
        _l("Rett navnet, eller la noe skrive det."),
    ),
    name_unknown=(
        _l("Navnet «%(name)s» kan ikke finnes her, for ingenting skriver det."),
        _l("Rett navnet, eller la et skjema, en operasjon eller en tilordning skrive det."),
    ),
    mapping_incomplete=(
        _l("En tilordning mangler kilde eller mål."),
        _l("Skriv både source og target, eller fjern tilordningen."),
    ),
    mapping_misplaced=(
        _l("Tilordninger virker ikke på dette elementet."),
        _l("Flytt tilordningen til en oppgave, en delprosess, et prosesskall eller en hendelse."),
    ),
)
MEANING |= table(
    "warning",
    name_never_written=(
        _l("Ingenting i diagrammet skriver «%(name)s». Gir ikke den som starter prosessen verdien med, er den tom."),
        _l("Se etter at navnet er riktig."),
    ),
    name_elsewhere=(
        _l("Navnet «%(name)s» finnes bare i %(home)s. Her er det tomt hvis ikke en melding gir det."),
        _l("Før verdien ut med en uttilordning, eller bruk et annet navn."),
    ),
    deadline_unknown=(
        _l("Fristen «%(name)s» står ikke i kalenderen til syklusen."),
        _l("Velg mellom %(names)s."),
    ),
)
