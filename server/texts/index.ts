import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '../kernel/errors.ts';
import { type Language, languages, type TextTable, type TextValues, textPlaceholders } from './names.ts';

export { type Language, languages, type TextName, type TextTable, type TextValues, textPlaceholders } from './names.ts';

/** The texts that people receive. */
export interface Texts<Table extends TextTable = typeof textPlaceholders> {
  /** The text in this language. Values are inserted once and as they are: braces inside a value mean nothing. */
  render<Name extends keyof Table & string>(language: Language, name: Name, ...values: TextValues<Table, Name>): string;
}

/** Reads `directory/<language>/<name>.txt` once. Throws one `config.invalid` that lists every text missing, unlisted, empty or with other placeholders than the table says. */
export function openTexts(directory: string): Promise<Texts>;
export function openTexts<Table extends TextTable>(directory: string, table: Table): Promise<Texts<Table>>;
export async function openTexts(directory: string, table: TextTable = textPlaceholders): Promise<Texts<TextTable>> {
  const faults: string[] = [];
  const templates = new Map<string, Template>();
  for (const language of languages) {
    const files = await readFolder(join(directory, language), faults);
    for (const name of new Set([...Object.keys(table), ...files.keys()])) {
      const template = readTemplate(files.get(name), Object.hasOwn(table, name) ? table[name] : undefined);
      if (Array.isArray(template)) faults.push(...template.map((reason) => `${language}/${name}.txt ${reason}`));
      else templates.set(`${language}/${name}`, template);
    }
  }
  if (faults.length > 0) throw fault('config.invalid', `texts in ${directory}: ${faults.join('; ')}`);
  return {
    render(language, name, ...[values = {}]) {
      const template = templates.get(`${language}/${name}`);
      if (!template) throw fault('server.failed', `there is no text ${language}/${name}`);
      return fill(template, values);
    },
  };
}

/** A text cut at its placeholders: literal, placeholder, literal, …, literal. */
type Template = { parts: string[] };

async function readFolder(folder: string, faults: string[]): Promise<Map<string, string>> {
  const names = await readdir(folder).catch((error: unknown) => {
    faults.push(`${folder} cannot be read (${error instanceof Error ? error.message : error})`);
    return [];
  });
  const texts = names.filter((name) => name.endsWith('.txt')).map((name) => name.slice(0, -'.txt'.length));
  return new Map(
    await Promise.all(texts.map(async (name) => [name, await readFile(join(folder, `${name}.txt`), 'utf8')] as const)),
  );
}

/** The template, or all that is wrong with it. */
function readTemplate(content: string | undefined, expected: readonly string[] | undefined): Template | string[] {
  if (content === undefined) return ['is missing'];
  if (!expected) return ['is not listed in texts/names.ts'];
  const text = content.replaceAll('\r\n', '\n').trim();
  const parts = text.split(/\{([a-zA-Z]+)\}/);
  const found = new Set(parts.filter((_, index) => index % 2 === 1));
  const reasons: string[] = [];
  if (text === '') reasons.push('is empty');
  if (text.includes('\ufffd')) reasons.push('is not UTF-8');
  if (parts.some((part, index) => index % 2 === 0 && /[{}]/.test(part)))
    reasons.push('has a brace that belongs to no {placeholder}');
  for (const name of expected) if (!found.has(name)) reasons.push(`does not say {${name}}`);
  for (const name of found) if (!expected.includes(name)) reasons.push(`says {${name}}, which nobody gives it`);
  return reasons.length > 0 ? reasons : { parts };
}

function fill({ parts }: Template, values: Readonly<Record<string, string>>): string {
  return parts.map((part, index) => (index % 2 === 0 ? part : values[part])).join('');
}
