// What the panel's heading calls each kind of element, by bpmn-js's English.
const PLACES = {
  'Start Event': 'Start',
  'Intermediate Catch Event': 'Vent på noe',
  'Intermediate Throw Event': 'Si fra underveis',
  'Boundary Event': 'Hendelse på kanten',
  'End Event': 'Slutt',
};
const TRIGGERS = {
  Message: 'melding',
  Timer: 'tid',
  Signal: 'signal',
  Error: 'feil',
  Escalation: 'varsel oppover',
  Link: 'lenke',
  Terminate: 'stanser alt',
  Conditional: 'betingelse',
  Compensate: 'kompensering',
  Cancel: 'avbryting',
};

const kinds = {
  Process: 'Prosess',
  Collaboration: 'Prosess',
  Participant: 'Basseng',
  Lane: 'Bane',
  'User Task': 'Oppgave for noen',
  'Service Task': 'Skjer automatisk',
  'Send Task': 'Send melding',
  'Receive Task': 'Vent på melding',
  'Manual Task': 'Gjøres utenom systemet',
  'Business Rule Task': 'Forretningsregel',
  'Script Task': 'Skript',
  'Call Activity': 'Kall en annen prosess',
  'Expanded Sub Process': 'Fase eller delprosess',
  'Collapsed Sub Process': 'Delprosess (lukket)',
  'Event Sub Process': 'Hendelsesdelprosess',
  'Ad Hoc Sub Process': 'Ad hoc-delprosess',
  'Expanded Ad Hoc Sub Process': 'Ad hoc-delprosess',
  'Collapsed Ad Hoc Sub Process': 'Ad hoc-delprosess (lukket)',
  'Exclusive Gateway': 'Én av veiene',
  'Parallel Gateway': 'Alle veiene samtidig',
  'Inclusive Gateway': 'Én eller flere av veiene',
  'Event Based Gateway': 'Veien til det som skjer først',
  'Complex Gateway': 'Kompleks portal',
  'Sequence Flow': 'Flyt',
  'Default Flow': 'Ellers-flyt',
  'Conditional Flow': 'Flyt med betingelse',
  'Message Flow': 'Meldingsflyt',
  Association: 'Knytning',
  'Data Input Association': 'Data inn',
  'Data Output Association': 'Data ut',
  'Text Annotation': 'Merknad',
  Group: 'Gruppe',
  'Data Object Reference': 'Dataobjekt',
  'Data Store Reference': 'Datalager',
  'Data Input': 'Data inn',
  'Data Output': 'Data ut',
};
for (const [place, said] of Object.entries(PLACES)) {
  kinds[place] = said;
  for (const [trigger, what] of Object.entries(TRIGGERS)) {
    kinds[`${trigger} ${place}`] = `${said}: ${what}`;
    kinds[`${trigger} ${place} (Non Interrupting)`] = `${said}: ${what} (avbryter ikke)`;
  }
}

export default kinds;
