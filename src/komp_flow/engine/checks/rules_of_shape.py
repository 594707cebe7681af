"""What is said of files, ids, elements, and how they hang together."""

from __future__ import annotations

from komp_flow.engine.checks.rule import Rule, table
from komp_flow.i18n import _l

SHAPE: dict[str, Rule] = {}

# ---- the file -----------------------------------------------------------------------------------------------------
SHAPE |= table(
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
SHAPE |= table(
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
SHAPE |= table(
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
SHAPE |= table(
    "warning",
    name_too_long=(
        _l("Navnet er lengre enn %(limit)s tegn."),
        _l("Gi elementet et kort navn, og skriv resten som dokumentasjon."),
    ),
)

# ---- how it hangs together ----------------------------------------------------------------------------------------
SHAPE |= table(
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
SHAPE |= table(
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
