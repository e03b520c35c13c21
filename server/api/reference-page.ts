import { statusOf } from '../kernel/errors.ts';
import { permissions } from '../merchants/index.ts';
import type { Language } from '../texts/index.ts';
import { type Html, html, trusted } from './html.ts';
import type { Content, JsonSchema, OpenApiDocument, Operation, Parameter } from './openapi.ts';
import { guides } from './reference-guides.ts';
import { boundsOf, exampleId, exampleOf, type Field, fieldsOf, type Schemas, typeOf } from './reference-schema.ts';
import { referenceStyle } from './reference-style.ts';
import { summaries } from './reference-summaries.ts';
import { referenceTexts, roomNames } from './reference-texts.ts';
import { apiPrefix } from './route.ts';
import { titles } from './titles.ts';

interface Listed extends Operation {
  readonly method: string;
  readonly path: string;
}

/** The document as a page to read, without a script: contents, guides, every operation, every problem. */
export function renderReference(document: OpenApiDocument, language: Language): string {
  const words = referenceTexts[language];
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Listed => ({ ...operation, method, path })),
  );
  const rooms = Map.groupBy(operations, ({ tags }) => tags[0] ?? '');
  const page = html`<!doctype html>
<html lang="${words.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words.title}</title>
<style>${trusted(referenceStyle)}</style>
</head>
<body>
<div class="page">
<nav class="contents" aria-label="${words.contents}">
<strong>${words.title}</strong>
<span class="languages">${languageLinks(language)}<a href="openapi.json">openapi.json</a></span>
<h2>${words.guides}</h2>
<ul>${guides.map(({ id, [language]: guide }) => html`<li><a href="#${id}">${guide.title}</a></li>`)}<li><a href="#problems">${words.problems}</a></li></ul>
${[...rooms].map(
  ([room, listed]) => html`<h2><a href="#room-${room}">${nameOf(room, language)}</a></h2>
<ul class="room">${listed.map(contentsLine)}</ul>`,
)}
</nav>
<main>
<h1>${words.title}</h1>
<p>${words.intro}</p>
${guides.map(({ id, [language]: guide }) => html`<h2 id="${id}">${guide.title}</h2>\n${trusted(guide.html)}\n`)}
${[...rooms].map(
  ([room, listed]) => html`<h2 id="room-${room}">${nameOf(room, language)}</h2>
${listed.map((operation) => renderOperation(operation, document.components.schemas, language))}`,
)}
<h2 id="problems">${words.problems}</h2>
<p>${words.problemsIntro}</p>
<div class="scroll"><table>
<tr><th>code</th><th>${words.status}</th><th>${words.meaning}</th></tr>
${Object.entries(titles).map(
  ([code, title]) =>
    html`<tr id="${code}"><td><code>${code}</code></td><td>${statusOf(code as keyof typeof titles)}</td><td>${title[language]}</td></tr>\n`,
)}
</table></div>
</main>
</div>
</body>
</html>
`;
  return page.html;
}

function languageLinks(language: Language): Html[] {
  const names = { zh: '中文', en: 'English' };
  return (['zh', 'en'] as const).map(
    (one) =>
      html`<a href="?language=${one}" hreflang="${one}"${one === language && trusted(' aria-current="true"')}>${names[one]}</a>`,
  );
}

const contentsLine = ({ method, path, operationId }: Listed): Html =>
  html`<li><a href="#${operationId}"><span class="method ${method}">${method.toUpperCase()}</span><span>${path}</span></a></li>`;

function renderOperation(operation: Listed, schemas: Schemas, language: Language): Html {
  const words = referenceTexts[language];
  const { method, path, operationId, parameters, requestBody, responses } = operation;
  const body = requestBody?.content['application/json']?.schema;
  const answers = Object.entries(responses);
  return html`<section class="operation" id="${operationId}">
<h3><span class="method ${method}">${method.toUpperCase()}</span><a href="#${operationId}">${path}</a></h3>
<p>${summaryOf(operation, language)}</p>
<p class="who">${whoMay(operation['x-permission'], language)}</p>
${
  parameters.length > 0 &&
  html`<h4>${words.parameters}</h4>${table(
    parameters.flatMap((one) => parameterField(one, schemas, language)),
    language,
  )}`
}
${body && html`<h4>${words.body}</h4>${renderShape(body, schemas, language)}`}
${answers.filter(([status]) => status < '300').map(([status, { content }]) => renderAnswer(status, content, schemas, language))}
<h4>${words.refusals}</h4>
<ul class="refusals">${answers.filter(([status]) => status >= '300').map(([status, { description }]) => renderRefusal(status, description))}</ul>
<details><summary>curl</summary><pre><code>${curlOf(operation, body, schemas)}</code></pre></details>
</section>
`;
}

function renderAnswer(status: string, content: Content | undefined, schemas: Schemas, language: Language): Html {
  const words = referenceTexts[language];
  const [type, answer] = Object.entries(content ?? {})[0] ?? [];
  const fields = answer?.schema ? fieldsOf(answer.schema, schemas) : [];
  return html`<h4>${words.answer} ${status}${type !== 'application/json' && html` · ${type ?? words.nothing}`}</h4>
${fields.length > 0 && table(fields, language, true)}`;
}

/** A choice between bodies has no fields of its own. */
function renderShape(schema: JsonSchema, schemas: Schemas, language: Language): Html {
  const fields = fieldsOf(schema, schemas);
  return fields.length > 0 ? table(fields, language) : html`<p><code>${typeOf(schema, schemas)}</code></p>`;
}

/** The codes of a status, each leading to its explanation. */
function renderRefusal(status: string, description: string): Html {
  const codes = [...description.matchAll(/`([\w.-]+)`/g)].map(([, code]) => code ?? '');
  return html`<li>${status} ${codes.map((code) => html`<a href="#${code}"><code>${code}</code></a> `)}</li>`;
}

/** A star where a field must be sent; a question mark where one may be missing from an answer. */
function table(fields: readonly Field[], language: Language, isAnswer = false): Html {
  const words = referenceTexts[language];
  const mark = ({ isRequired }: Field) =>
    isAnswer
      ? !isRequired && html`<span class="quiet">?</span>`
      : isRequired && html` <span class="must" title="${words.required}">*</span>`;
  return html`<div class="scroll"><table>
${fields.map((field) => {
  const { path, type, schema } = field;
  const bounds = isAnswer ? '' : boundsOf(schema, words.units);
  return html`<tr><td><code>${path}</code>${mark(field)}</td><td><code>${type}</code>${bounds && html` <span class="quiet">${bounds}</span>`}${schema.description && html`<br>${schema.description}`}</td></tr>\n`;
})}
</table></div>`;
}

function parameterField(
  { name, in: where, required, description, schema }: Parameter,
  schemas: Schemas,
  language: Language,
): Field[] {
  const { places, headers } = referenceTexts[language];
  const said = headers[name] ?? description;
  // A header's form is said in words.
  const shown = where === 'header' ? { type: 'string' as const } : schema;
  const whole = {
    properties: { [name]: { ...shown, ...(said ? { description: said } : {}) } },
    required: required ? [name] : [],
  };
  return fieldsOf(whole as JsonSchema, schemas).map((field) => ({ ...field, type: `${field.type} · ${places[where]}` }));
}

function whoMay(permission: string, language: Language): Html {
  const words = referenceTexts[language];
  if (permission === 'anyone') return html`${words.anyone}`;
  if (permission === 'staff') return html`${words.staff}`;
  const holders = permissions[permission as keyof typeof permissions].map((role) => words.roles[role]);
  return html`${words.permission} <code>${permission}</code>${words.heldBy(holders.join(words.comma))}`;
}

const summaryOf = ({ method, path, summary }: Listed, language: Language): string =>
  (language === 'zh' ? summaries[`${method.toUpperCase()} ${path}`] : undefined) ?? summary;

const nameOf = (room: string, language: Language): string => roomNames[room]?.[language] ?? room;

function curlOf({ method, path, parameters, security }: Listed, body: JsonSchema | undefined, schemas: Schemas): string {
  const filled = path.replace(/\{\w+\}/g, exampleId);
  const has = (name: string) => parameters.some((parameter) => parameter.name === name);
  return [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} "$SERVER${apiPrefix}${filled}"`,
    ...(security.length > 0 ? ['-H "Authorization: Bearer $KEY"'] : []),
    ...(has('If-Match') ? [`-H 'If-Match: "3"'`] : []),
    ...(has('Idempotency-Key') ? ['-H "Idempotency-Key: $(uuidgen)"'] : []),
    ...(body ? ["-H 'Content-Type: application/json'", `-d '${JSON.stringify(exampleOf(body, schemas))}'`] : []),
  ].join(' \\\n  ');
}
