/** A piece of HTML that is safe to send as it is. */
export interface Html {
  readonly html: string;
}

type Piece = Html | string | number | undefined | false | readonly Piece[];

/** HTML of this template: whatever is put in is text, unless it is HTML made here. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return { html: parts.reduce((whole, part, index) => whole + render(pieces[index - 1]) + part) };
}

/** HTML that stands in our own sources. */
export const trusted = (text: string): Html => ({ html: text });

function render(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (Array.isArray(piece)) return piece.map(render).join('');
  if (typeof piece === 'object') return (piece as Html).html;
  return String(piece).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
