// Looks at the shipped diagrams as Camunda's tools do: read and written again without a change, and linted for Camunda 8.
// `node lint/diagrams.mjs [FILE …]`; ends with 1 when something is found that docs/diagrams.md does not argue for.
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { BpmnModdle } from 'bpmn-moddle';
import { Linter } from 'bpmnlint';
import NodeResolver from 'bpmnlint/lib/resolver/node-resolver.js';

const require = createRequire(import.meta.url);
const zeebe = require('zeebe-bpmn-moddle/resources/zeebe.json');
const modeler = {
  name: 'Modeler',
  uri: 'http://camunda.org/schema/modeler/1.0',
  prefix: 'modeler',
  xml: { tagAlias: 'lowerCase' },
  types: [
    {
      name: 'Definitions',
      isAbstract: true,
      extends: ['bpmn:Definitions'],
      properties: [
        { name: 'executionPlatform', isAttr: true, type: 'String' },
        { name: 'executionPlatformVersion', isAttr: true, type: 'String' },
      ],
    },
  ],
};
const rules = { extends: ['bpmnlint:recommended', 'plugin:camunda-compat/camunda-cloud-8-8'] };
// Argued for in docs/diagrams.md.
const argued = new Set(['fake-join', 'global']);

const folder = fileURLToPath(new URL('../../processes/', import.meta.url));
const given = process.argv.slice(2);
const files = given.length ? given : readdirSync(folder).filter((name) => name.endsWith('.bpmn')).map((name) => folder + name);
const linter = new Linter({ config: rules, resolver: new NodeResolver() });
let found = 0;

function tell(file, element, rule, message) {
  console.log(`${file}#${element ?? ''} [${rule}] ${message}`);
  found += !argued.has(rule);
}

for (const file of files) {
  const source = readFileSync(file, 'utf8');
  const moddle = new BpmnModdle({ zeebe, modeler });
  const { rootElement, warnings } = await moddle.fromXML(source);
  for (const warning of warnings) tell(file, undefined, 'read', warning.message);
  const { xml } = await moddle.toXML(rootElement, { format: true });
  if (xml !== source) tell(file, undefined, 'round-trip', 'Read and written again, the file is not the same.');
  for (const [rule, reports] of Object.entries(await linter.lint(rootElement))) {
    for (const report of reports) tell(file, report.id, rule, report.message);
  }
}
process.exitCode = found ? 1 : 0;
