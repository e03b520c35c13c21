/** The text as a pattern that matches it and nothing else, for JavaScript and for the database. */
export const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
