/** The languages in which people are spoken to; each has a folder of its own in templates/. */
export const languages = ['zh', 'en'] as const;
export type Language = (typeof languages)[number];

/** Every text there is and the values that it needs. A name or a value that is not listed here does not compile where it is used. */
export const textPlaceholders = {
  apology: [],
  'export.readme': ['merchant'],
  'greeting.first': ['merchant'],
  'greeting.return': ['merchant'],
  help: ['merchant'],
  'unknown.content': [],
  'unknown.menu': [],
  'unknown.text': ['merchant'],
} as const satisfies TextTable;

/** A table of texts: name → the names of its placeholders. */
export type TextTable = Readonly<Record<string, readonly string[]>>;
export type TextName = keyof typeof textPlaceholders;

/** The values that a text needs, as the last argument of whoever renders it; nothing at all for a text without placeholders. */
export type TextValues<Table extends TextTable, Name extends keyof Table> = [Table[Name][number]] extends [never]
  ? []
  : [values: Readonly<Record<Table[Name][number], string>>];
