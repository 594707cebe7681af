// What form-js says, in bokmål. form-js 1.23 has no translation of its own: build.mjs puts these in its place.
export const NB = {
  'Text view is populated by an expression': 'Teksten regnes ut',
  // The palette and the canvas
  Components: 'Komponenter', 'Search components': 'Søk i komponenter', 'Clear content': 'Tøm søket', 'No components found.': 'Fant ingen komponenter.',
  Input: 'Svar', Selection: 'Valg', Presentation: 'Vis fram', Containers: 'Samle', Action: 'Handling',
  'Text field': 'Tekstfelt', 'Text area': 'Lang tekst', Number: 'Tall', 'Date time': 'Dato og klokkeslett', 'File picker': 'Filer',
  Checkbox: 'Avkryssing', 'Checkbox group': 'Flere valg', 'Radio group': 'Ett valg', Select: 'Nedtrekksliste', 'Text view': 'Tekst å lese',
  Separator: 'Skillelinje', Group: 'Gruppe', 'Dynamic list': 'Liste med rader', Table: 'Tabell', 'Tag list': 'Merkelapper', Expression: 'Uttrykk',
  'Image view': 'Bilde', 'HTML view': 'HTML', iFrame: 'Innfelt side', Spacer: 'Luft', Button: 'Knapp', 'Document preview': 'Forhåndsvist dokument',
  Content: 'Innhold', Value: 'Verdi', 'Column 1': 'Kolonne 1', 'Column 2': 'Kolonne 2', 'Column 3': 'Kolonne 3', Name: 'Navn', Column: 'Kolonne',
  'Drag and drop components here.': 'Dra komponenter hit.', 'Build your form': 'Bygg skjemaet',
  'Drag and drop components here to start designing.': 'Velg en komponent til venstre, eller dra den hit.',
  'Use the preview window to test your form.': 'Ved siden av ser du skjemaet slik det blir.',
  'Remove form field': 'Fjern komponenten', 'Expression is empty': 'Uttrykket er tomt', Repeatable: 'Gjentas',
  // The panel: what is said around the fields
  Form: 'Skjema', 'Select a form field to edit its properties.': 'Velg et felt for å endre det.',
  'Multiple form fields are selected. Select a single form field to edit its properties.': 'Flere felt er valgt. Velg ett for å endre det.',
  'Toggle section': 'Vis eller skjul delen', 'Section contains an error': 'Noe her må rettes', 'Section contains edits': 'Noe her er fylt ut',
  'Toggle list item': 'Vis eller skjul', 'Delete item': 'Fjern', 'Create new list item': 'Legg til', Create: 'Legg til',
  'Open documentation': 'Åpne dokumentasjonen', 'Open pop-up editor': 'Åpne i eget vindu', 'Opened in popup': 'Åpen i eget vindu',
  'Opened in editor': 'Åpen i eget vindu', 'Unparsable FEEL expression.': 'Uttrykket kan ikke leses.', 'Close popup': 'Lukk', 'Save and close': 'Lagre og lukk',
  '<empty>': '<tom>', '<none>': '<ingen>',
  // The panel: groups
  General: 'Generelt', Serialization: 'Slik lagres svaret', Constraints: 'Begrensninger', Validation: 'Krav til svaret', Appearance: 'Utseende',
  Layout: 'Plassering', Condition: 'Når feltet vises', 'Custom properties': 'Flere egenskaper', 'Options source': 'Hvor valgene kommer fra',
  'Dynamic options': 'Valg fra data', 'Static options': 'Valgene', 'Options expression': 'Uttrykk som gir valgene', 'Headers source': 'Hvor kolonnene kommer fra',
  'Header items': 'Kolonnene', 'Security attributes': 'Sikkerhet',
  'Add properties directly to the form schema, useful to configure functionality in custom-built task applications and form renderers.':
    'Egenskaper som skjemaet bærer med seg. De vanlige ligger under «Regler».',
  // The panel: fields
  'Field label': 'Spørsmål', 'Group label': 'Overskrift', 'Table label': 'Overskrift', Title: 'Tittel', Label: 'Tekst', Key: 'Nøkkel', ID: 'Id',
  'Field description': 'Forklaring', 'Default value': 'Begynner med', Disabled: 'Kan ikke endres, og lagres ikke', 'Read only': 'Kan bare leses', Path: 'Svarene samles i',
  'Binds to a form variable': 'Navnet som svaret lagres under, og som uttrykk bruker.',
  'Where the child variables of this component are pathed to.': 'Navnet som svarene her inne samles under.',
  'Routes the children of this component into a form variable, may be left empty to route at the root level.': 'Navnet som radene lagres under.',
  'Checked': 'Krysset av', 'Not checked': 'Ikke krysset av', Columns: 'Bredde i kolonner', Auto: 'Av seg selv',
  Required: 'Må besvares', 'Minimum length': 'Minste antall tegn', 'Maximum length': 'Største antall tegn', 'Custom regular expression': 'Mønster (regulært uttrykk)',
  'Custom error message': 'Melding når mønsteret ikke passer', Minimum: 'Minst', Maximum: 'Høyst', 'Validation pattern': 'Skal være', Custom: 'Noe eget', Email: 'E-post', Phone: 'Telefon',
  'The error message to display when the input does not match the regular expression.': 'Det den som svarer, får lese når svaret ikke passer til mønsteret.',
  'Decimal digits': 'Desimaler', Increment: 'Trinn', 'Output as string': 'Lagres som tekst', 'Allows arbitrary precision values': 'Da blir ingen siffer borte.',
  Subtype: 'Hva det spørres om', Date: 'Dato', Time: 'Klokkeslett', 'Date & Time': 'Dato og klokkeslett', 'Date label': 'Spørsmål om datoen', 'Time label': 'Spørsmål om klokkeslettet',
  'Use 24h': '24-timers klokke', 'Disallow past dates': 'Ikke datoer som er passert', 'Time interval': 'Tid mellom valgene', 'Time format': 'Slik lagres klokkeslettet',
  'UTC offset': 'Med tidssone', 'UTC normalized': 'Som UTC', 'No timezone': 'Uten tidssone', 'Upload multiple files': 'Flere filer', 'Supported file formats': 'Filtyper som tas imot',
  'Default number of items': 'Rader fra begynnelsen', 'Allow add/delete items': 'Rader kan legges til og fjernes', 'Disable collapse': 'Vis alltid alle rader',
  'Number of non-collapsing items': 'Rader som alltid vises', Text: 'Tekst', Type: 'Slag', Static: 'Skrevet her', 'Input data': 'Data utenfra', 'List of items': 'Skrevet her',
  'Input values key': 'Nøkkelen til dataene', 'Define which input property to populate the values from': 'Hvilke data utenfra valgene hentes fra.',
  'Define an expression to populate the options from.': 'Uttrykket gir en liste.', 'Data source': 'Hvor radene kommer fra',
  'Specify the source from which to populate the table': 'Et uttrykk som gir rader.', 'Specify an expression to populate column items': 'Et uttrykk som gir kolonnene.',
  'Enter a form input variable that contains the data for the table or define an expression to populate the data dynamically.': 'Skriv et uttrykk som gir radene, for eksempel =context.areas.',
  Pagination: 'Del opp i sider', 'Number of rows per page': 'Rader på hver side', Prefix: 'Foran', Suffix: 'Bak', 'Show outline': 'Vis ramme', 'Vertical alignment': 'Loddrett plassering',
  Top: 'Øverst', Center: 'Midt på', Bottom: 'Nederst', Searchable: 'Kan søkes i', 'Learn more': 'Les mer', 'Version tag': 'Merke på versjonen',
  'Disable this field when it should not be interactive for end-users. Its data will not be submitted. This setting takes precedence over read-only.':
    'Feltet vises, men kan ikke fylles ut, og lagres ikke.',
  'Make this field read-only when it cannot be edited by the end-user, but its content is important for them to see. Its data will still be submitted.':
    'Feltet kan leses, ikke endres. Det som står der, følger med når skjemaet sendes.',
  // The panel: what is wrong
  'Must not be empty.': 'Kan ikke stå tomt.', 'Must not be empty': 'Kan ikke stå tomt', 'Must be unique.': 'Er brukt fra før.', 'Must not contain spaces.': 'Kan ikke ha mellomrom.',
  'Must not contain prefix.': 'Kan ikke ha forstavelse.', 'Must be a valid QName.': 'Bruk bokstaver, tall, bindestrek og understrek.',
  'Must be a variable or a dot separated path.': 'Skriv ett navn, eller navn med punktum mellom.', 'Must not contain numerical path segments.': 'Delene kan ikke være tall.',
  'Must not be a prohibited path.': 'Dette navnet kan ikke brukes.', 'Must not cause two binding paths to collide': 'Navnet kolliderer med et annet felt',
  'Should be a valid number': 'Skriv et tall', 'Should be a valid number.': 'Skriv et tall.', 'Should be an integer.': 'Skriv et helt tall.', 'Must be number': 'Skriv et tall',
  'Should be greater than zero.': 'Skriv et tall over null.', 'Should be greater than or equal to zero.': 'Skriv null eller mer.', 'No files selected': 'Ingen filer er valgt', Browse: 'Velg filer',
  'Condition under which the field is hidden': 'Feltet er skjult når uttrykket er sant.', 'A comma-separated list of': 'Endelser med komma mellom, for eksempel .pdf, .docx:', 'file type specifiers': 'slik skrives de',
  'Supports markdown and templating.': 'Markdown, eller et uttrykk som begynner med =.', '# Text': '# Overskrift',
  'No results': 'Ingen treff', 'All values selected': 'Alt er valgt', 'Nothing to show.': 'Ingenting å vise.', 'Previous page': 'Forrige side', 'Next page': 'Neste side', 'Search': 'Søk',
  'Options': 'Valg', 'Condition for hiding': 'Skjul når', 'Hide if': 'Skjul når', 'Deactivate if': 'Skjul når', 'John Doe': 'Kari Nordmann', 'Erika Muller': 'Ola Nordmann', 'Dominic Leaf': 'Nils Nilsen',
};

// What is built from parts.
export const PARTS = [
  ['`Create ${getIndefiniteArticle(type)} ${label} element`', '`Legg til: ${label}`'],
  ['`Remove ${entry.label}`', '`Fjern: ${entry.label}`'],
];
