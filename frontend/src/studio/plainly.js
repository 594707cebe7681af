// What to do about a problem, in the words of this editor. Check's own speak of the file, for those who write it by hand.
const PLAINLY = {
  'who-missing': 'Kryss av for en rolle under «Hvem gjør oppgaven».',
  'form-unknown': 'Velg et annet skjema under «Skjema og veiledning», eller lag et nytt der.',
  'due-date-invalid': 'Velg fristen på nytt under «Frist og påminnelse».',
  'reminders-without-due': 'Sett en frist under «Frist og påminnelse», eller velg ingen påminnelser.',
  'operation-missing': 'Velg hva som skal gjøres, under «Hva skjer automatisk».',
  'operation-input-missing': 'Fyll ut det som mangler, under «Hva skjer automatisk».',
  'no-way-in': 'Velg steget som kommer før, og dra pilen ved siden av det hit. Eller slett dette.',
  'no-way-out': 'Dra pilen ved siden av steget til det som kommer etter, eller velg «Slutt etter dette».',
  'several-outgoing': 'Behold én vei videre. Skal veien dele seg, må det stå et «Valg mellom veier» imellom.',
  'condition-missing': 'Velg streken, og si hvilket svar som fører hit. Eller kryss av for «Ellers» på den.',
  'default-missing': 'Velg streken som gjelder når ingen av de andre passer, og kryss av for «Ellers».',
  'lane-contradicts': 'Dra oppgaven til den andre banen, eller rett rollen. Det er rollen som avgjør.',
  'timer-kind': 'Velg når, under «Når».',
  'call-missing': 'Velg prosessen under «Prosessen som kalles».',
  'no-start': 'Dra inn en start fra verktøyene til venstre, og en pil videre fra den.',
};

export const plainly = (problem) => ({ ...problem, fix: PLAINLY[problem.rule] ?? problem.fix });
