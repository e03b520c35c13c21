/** What a call answered: fields as they came, but whole numbers that JavaScript cannot hold are strings of their digits, and what is null is not there. */
export type ApiAnswer = Readonly<Record<string, unknown>>;

/** The JSON object of an answer; undefined for anything else. */
export function readAnswer(text: string): ApiAnswer | undefined {
  try {
    // Names of people have come with raw control characters in them, which JSON does not allow.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out.
    const value = parseExact(text.replace(/[\u0000-\u001f]/g, ''), keepDigits);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ApiAnswer) : undefined;
  } catch {
    return undefined;
  }
}

/** JSON.parse as it is today: its reviver is told how a number was written, which TypeScript does not know yet. */
const parseExact = JSON.parse as (
  text: string,
  revive: (name: string, value: unknown, written: { source?: string }) => unknown,
) => unknown;

/** Ids of messages have 64 bits. */
function keepDigits(_: string, value: unknown, { source = '' }: { source?: string }): unknown {
  if (value === null) return undefined;
  return typeof value === 'number' && /^-?\d+$/.test(source) && !Number.isSafeInteger(value) ? source : value;
}
