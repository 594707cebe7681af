"""Every rule of the check: its id, how serious it is, what it says and what one does instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from komp_flow.engine.problems import Severity
from komp_flow.i18n import _, _l


@dataclass(frozen=True)
class Rule:
    """`message` and `fix` are lazy sentences with `%(name)s` places; the values are filled in where it is found."""

    id: str
    severity: Severity
    message: str
    fix: str


RULES: dict[str, Rule] = {}


def _table(severity: Severity, **rules: tuple[str, str]) -> None:
    for name, (message, fix) in rules.items():
        rule_id = name.replace("_", "-")
        RULES[rule_id] = Rule(rule_id, severity, message, fix)


def said(sentence: str, values: Mapping[str, object]) -> str:
    """The sentence in the reader's language, with its values."""
    text = str(sentence)
    return text % values if values else text


# ---- the file -----------------------------------------------------------------------------------------------------
_table(
    "error",
    too_large=(
        _l("Filen er større enn 1 MB."),
        _l("Del prosessen i flere diagrammer, eller fjern bilder og utvidelser som ligger i filen."),
    ),
    empty_file=(_l("Filen er tom."), _l("Lagre diagrammet eller skjemaet på nytt, og prøv igjen.")),
    unknown_file=(
        _l("Filen er verken et BPMN-diagram eller et skjema."),
        _l("Gi inn diagrammer som .bpmn (XML) og skjemaer som .json."),
    ),
    unreadable=(
        _l("Filen kunne ikke leses: %(reason)s."),
        _l("Se etter at filen finnes, og at du har lov til å lese den."),
    ),
    encoding=(
        _l("Filen er skrevet i et tegnsett som ikke kan leses: «%(encoding)s»."),
        _l("Lagre filen som UTF-8."),
    ),
    not_xml=(
        _l("Filen er ikke gyldig XML: %(reason)s"),
        _l("Åpne diagrammet i verktøyet det er laget i, og eksporter det som BPMN 2.0 på nytt."),
    ),
    doctype=(
        _l("Filen har en dokumenttype (DOCTYPE), og slike filer leses ikke."),
        _l("Fjern linjen som begynner med <!DOCTYPE, og alle entiteter som er definert der."),
    ),
    too_deep=(
        _l("Elementene i filen ligger mer enn %(limit)s nivåer inni hverandre."),
        _l("Flytt noe av innholdet ut i en egen prosess som kalles."),
    ),
    too_many_nodes=(
        _l("Filen har flere enn %(limit)s XML-elementer."),
        _l("Del prosessen i flere diagrammer."),
    ),
    not_bpmn=(
        _l("Filen er XML, men ikke et BPMN 2.0-diagram: det ytterste elementet er «%(tag)s»."),
        _l("Eksporter diagrammet som BPMN 2.0 fra verktøyet det er tegnet i."),
    ),
    too_slow=(
        _l("Kontrollen av filen ble stanset: den tok mer enn %(seconds)s sekunder."),
        _l("Del prosessen i flere diagrammer, og forenkle uttrykkene."),
    ),
    too_much_memory=(
        _l("Kontrollen av filen ble stanset: den brukte for mye minne."),
        _l("Del prosessen i flere diagrammer."),
    ),
    check_failed=(
        _l("Kontrollen av filen stanset uventet: %(reason)s."),
        _l("Meld fra om filen. Den kan ikke publiseres før kontrollen går igjennom."),
    ),
    too_many_problems=(
        _l("Filen har flere enn %(limit)s feil. Bare de første er listet."),
        _l("Rett dem som er listet, og kontroller på nytt."),
    ),
    no_process=(
        _l("Filen har ingen prosess med innhold."),
        _l("Tegn en prosess. Samarbeids-, koreografi- og samtalediagrammer kan ikke kjøres alene."),
    ),
    not_executable=(
        _l("Ingen prosess i filen er merket som kjørbar."),
        _l('Merk én prosess som kjørbar (isExecutable="true"). Feilene under gjelder om du gjør det.'),
    ),
    several_executable=(
        _l("Filen har mer enn én kjørbar prosess."),
        _l("La én prosess være kjørbar, og legg de andre i egne filer."),
    ),
    process_twice=(
        _l("Prosessen «%(process)s» finnes også i filen %(other)s."),
        _l("Gi den ene prosessen en annen id, eller utelat den ene filen."),
    ),
    form_twice=(
        _l("Skjemaet «%(form)s» finnes også i filen %(other)s."),
        _l("Gi det ene skjemaet en annen id, eller utelat den ene filen."),
    ),
    cannot_compile=(
        _l("Diagrammet kan ikke kjøres: %(reason)s"),
        _l("Forenkle det som er tegnet her, og kontroller på nytt."),
    ),
)
_table(
    "warning",
    foreign_extension=(
        _l("Diagrammet har utvidelser fra et annet verktøy (%(name)s). De blir liggende, men betyr ingenting her."),
        _l("Tegn det som skal virke, med Camunda 8-egenskaper (zeebe)."),
    ),
    foreign_platform=(
        _l("Diagrammet er laget for «%(platform)s». Her gjelder Camunda 8 (zeebe)."),
        _l("Velg Camunda 8 som plattform i tegneverktøyet."),
    ),
    extension_unknown=(
        _l("Utvidelsen zeebe:%(name)s betyr ingenting her. Den blir liggende."),
        _l("Fjern den hvis du ventet at den skulle virke."),
    ),
)

# ---- ids and elements ---------------------------------------------------------------------------------------------
_table(
    "error",
    id_missing=(_l("Et element (%(tag)s) mangler id."), _l("Gi elementet en id.")),
    id_twice=(_l("Id-en «%(id)s» er brukt på mer enn ett element."), _l("Gi hvert element sin egen id.")),
    id_reserved=(
        _l("Id-en «%(id)s» kan ikke brukes."),
        _l("Velg en annen id enn Start, End og Root, uten punktum, klammer og mellomrom."),
    ),
    id_too_long=(_l("Id-en er lengre enn %(limit)s tegn."), _l("Gi elementet en kortere id.")),
    script_task=(
        _l("Skriptoppgaver kjøres ikke."),
        _l("Bruk en tjenesteoppgave med en registrert operasjon, eller skriv et FEEL-uttrykk i en tilordning."),
    ),
    business_rule_task=(
        _l("Forretningsregeloppgaver med beslutningstabell kjøres ikke ennå."),
        _l("Bruk en portal med betingelser, eller en tjenesteoppgave med en registrert operasjon."),
    ),
    complex_gateway=(
        _l("Komplekse portaler kjøres ikke."),
        _l("Bruk en eksklusiv, parallell eller inklusiv portal."),
    ),
    transaction=(_l("Transaksjoner kjøres ikke."), _l("Bruk en vanlig delprosess med feilhendelser på kanten.")),
    ad_hoc=(
        _l("Ad hoc-delprosesser kjøres ikke."),
        _l("Tegn rekkefølgen i en vanlig delprosess, for eksempel med en parallell portal."),
    ),
    choreography=(_l("Koreografi (%(tag)s) kjøres ikke."), _l("Tegn oppgaver og meldinger i en prosess.")),
    conditional_event=(
        _l("Betingede hendelser kjøres ikke."),
        _l("Bruk en melding, et signal eller en tidsfrist, eller en portal der dataene blir kjent."),
    ),
    compensation=(_l("Kompensasjon kjøres ikke."), _l("Tegn det som skal gjøres om, som en egen vei i diagrammet.")),
    cancel_event=(_l("Avbrytingshendelser kjøres ikke."), _l("Bruk en feilhendelse i stedet.")),
    standard_loop=(_l("Løkkemarkører kjøres ikke."), _l("Tegn løkken med en eksklusiv portal og en flyt tilbake.")),
    loop_cardinality=(
        _l("Gjentakelse et fast antall ganger (loopCardinality) kjøres ikke."),
        _l("Bruk en liste i inputCollection, for eksempel =[1, 2, 3]."),
    ),
    listener=(_l("Lyttere kjøres ikke."), _l("Bruk en tjenesteoppgave eller en hendelse før eller etter elementet.")),
    instantiate=(
        _l("En mottaksoppgave eller hendelsesportal kan ikke starte en prosess."),
        _l("Bruk en starthendelse med melding."),
    ),
    token_quantity=(
        _l("Antall merker (startQuantity, completionQuantity) kan bare være 1."),
        _l("Bruk en parallell portal, eller gjenta elementet over en liste."),
    ),
    definition_reference=(
        _l("Hendelsen viser til en definisjon et annet sted (eventDefinitionRef)."),
        _l("Legg definisjonen i selve hendelsen."),
    ),
    several_definitions=(
        _l("Hendelsen har flere hendelsesdefinisjoner."),
        _l("Bruk én hendelse for hver, for eksempel etter en hendelsesportal."),
    ),
    boolean_invalid=(
        _l("%(name)s er «%(value)s», og må være true eller false."),
        _l("Skriv true eller false."),
    ),
    element_unknown=(
        _l("Elementet «%(tag)s» kan ikke kjøres."),
        _l("Bruk et av elementene som dialekten har."),
    ),
    element_misplaced=(
        _l("Elementet «%(tag)s» kan ikke stå her."),
        _l("Flytt det inn i en prosess eller en delprosess."),
    ),
    too_many_elements=(
        _l("Prosessen har %(count)s elementer. Grensen er %(limit)s."),
        _l("Flytt en del av prosessen ut i en egen prosess som kalles."),
    ),
    nested_too_deep=(
        _l("Delprosesser ligger mer enn %(limit)s nivåer inni hverandre."),
        _l("Flytt de innerste ut i en egen prosess som kalles."),
    ),
)
_table(
    "warning",
    name_too_long=(
        _l("Navnet er lengre enn %(limit)s tegn."),
        _l("Gi elementet et kort navn, og skriv resten som dokumentasjon."),
    ),
)

# ---- how it hangs together ----------------------------------------------------------------------------------------
_table(
    "error",
    no_start=(_l("Det mangler en starthendelse."), _l("Tegn en starthendelse, og en flyt videre fra den.")),
    two_plain_starts=(
        _l("Det er mer enn én starthendelse uten utløser."),
        _l("Behold én, og la de andre starte på en melding, et signal eller en tid."),
    ),
    start_has_incoming=(
        _l("En flyt leder inn i en starthendelse."),
        _l("La flyten gå til det første elementet etter starten."),
    ),
    end_has_outgoing=(
        _l("En flyt går ut fra en slutthendelse."),
        _l("Bruk en mellomhendelse i stedet, eller fjern flyten."),
    ),
    no_way_in=(_l("Ingen flyt leder hit."), _l("Tegn en flyt hit, eller fjern elementet.")),
    no_way_out=(_l("Ingen flyt leder videre herfra."), _l("Tegn en flyt videre, om ikke annet til en slutthendelse.")),
    unreachable=(
        _l("Elementet kan aldri nås fra en start."),
        _l("Tegn en flyt hit fra noe som nås, eller fjern elementet."),
    ),
    flow_broken=(
        _l("Flyten mangler et element i den ene enden («%(ref)s»)."),
        _l("Tegn flyten på nytt mellom to elementer."),
    ),
    flow_across=(
        _l("Flyten krysser grensen for en prosess eller en delprosess."),
        _l("La flyten stoppe ved grensen. Bruk en melding mellom prosesser, og en flyt fra selve delprosessen."),
    ),
    several_outgoing=(
        _l("Flere flyter går ut herfra."),
        _l("Tegn én flyt til en portal, og la flytene gå ut fra den."),
    ),
    condition_misplaced=(
        _l("Flyten har en betingelse, men går ikke ut fra en eksklusiv eller inklusiv portal."),
        _l("Sett inn en portal, eller fjern betingelsen."),
    ),
    condition_missing=(
        _l("Flyten ut fra portalen har ingen betingelse og er ikke standardflyten."),
        _l("Skriv en betingelse, eller gjør flyten til standardflyt."),
    ),
    default_elsewhere=(
        _l("Standardflyten «%(ref)s» går ikke ut fra dette elementet."),
        _l("Velg en av flytene ut herfra som standardflyt."),
    ),
    two_flows_one_join=(
        _l("To flyter fra samme element går inn i samme element."),
        _l("Slå dem sammen til én flyt, eller sett noe inn på den ene."),
    ),
    event_gateway_target=(
        _l(
            "Etter en hendelsesportal kan det bare komme mellomhendelser som venter på melding, tid eller signal, "
            "og som bare denne flyten leder til."
        ),
        _l("Sett inn en slik hendelse rett etter portalen."),
    ),
    boundary_not_attached=(
        _l("Kanthendelsen sitter ikke på noe element i samme prosess («%(ref)s»)."),
        _l("Fest den på oppgaven eller delprosessen som den hører til."),
    ),
    boundary_host=(
        _l("En kanthendelse kan ikke sitte på dette elementet («%(ref)s»), som ikke venter på noe."),
        _l("Fest den på en bruker-, tjeneste- eller mottaksoppgave, en delprosess eller et prosesskall."),
    ),
    boundary_has_incoming=(
        _l("En flyt leder inn i en kanthendelse."),
        _l("Flytt flyten til elementet som hendelsen sitter på, eller til det som kommer etter."),
    ),
    error_not_interrupting=(
        _l("En feilhendelse avbryter alltid."),
        _l("Gjør hendelsen avbrytende, eller bruk en eskaleringshendelse."),
    ),
    event_kind=(
        _l("En hendelse av typen «%(kind)s» er ikke mulig her."),
        _l("Mulig her: %(kinds)s."),
    ),
    definition_missing=(
        _l("Hendelsen sier ikke hva den venter på."),
        _l("Velg melding, tid eller en annen utløser for hendelsen."),
    ),
    subprocess_start=(
        _l("En delprosess må ha én starthendelse, uten utløser."),
        _l("Behold én vanlig start. Bruk en hendelsesdelprosess for det som utløses underveis."),
    ),
    event_subprocess_start=(
        _l("En hendelsesdelprosess må ha én starthendelse, med tid, melding, signal, feil eller eskalering."),
        _l("Behold én start, og velg hva den venter på."),
    ),
    event_subprocess_scope=(
        _l("Det som ligger rundt en hendelsesdelprosess, må ha én starthendelse, uten utløser."),
        _l("Behold én vanlig start, eller flytt hendelsesdelprosessen inn i en delprosess."),
    ),
    event_subprocess_terminate=(
        _l("Terminering er ikke mulig sammen med en hendelsesdelprosess."),
        _l("Bruk en vanlig slutthendelse, eller en feilhendelse som avbryter resten."),
    ),
    event_subprocess_flow=(
        _l("En flyt går til eller fra en hendelsesdelprosess."),
        _l("Fjern flyten. En hendelsesdelprosess startes av hendelsen sin."),
    ),
    link_no_name=(_l("Lenken mangler navn."), _l("Gi begge endene av lenken samme navn.")),
    link_no_target=(
        _l("Lenken «%(name)s» leder ingen steder."),
        _l("Tegn én mottakende lenke med samme navn i samme prosess eller delprosess."),
    ),
    link_two_targets=(
        _l("Mer enn én mottakende lenke heter «%(name)s»."),
        _l("Behold én, og slå sammen det som kommer etter."),
    ),
    loop_without_wait=(
        _l("Løkken går rundt uten å vente på noe: %(names)s."),
        _l("Sett inn en oppgave, en melding eller en tidsfrist i løkken."),
    ),
)
_table(
    "warning",
    default_missing=(
        _l("Portalen har ingen standardflyt. Passer ingen betingelse, stopper prosessen her."),
        _l("Gjør en av flytene til standardflyt."),
    ),
    default_has_condition=(
        _l("Standardflyten har en betingelse. Den leses ikke."),
        _l("Fjern betingelsen, eller velg en annen standardflyt."),
    ),
    never_ends=(
        _l("Herfra når prosessen aldri en slutthendelse."),
        _l("Tegn en vei ut av løkken."),
    ),
    caught_twice=(
        _l("To kanthendelser på samme element venter på det samme. Bare den ene får det."),
        _l("Fjern den ene, eller la dem vente på hver sitt."),
    ),
)

# ---- who ----------------------------------------------------------------------------------------------------------
_table(
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
_table(
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
_table(
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
_table(
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
_table(
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
_table(
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


def listed(names: Iterable[str], limit: int = 12) -> str:
    """Names for a sentence, in order, cut when there are many."""
    ordered = sorted(names)
    if len(ordered) > limit:
        return ", ".join(ordered[:limit]) + _(" og %(count)s til", count=len(ordered) - limit)
    return ", ".join(ordered)
