/** A piece of XML for colouring: markup, or what stands in it. */
export interface XmlPiece {
  kind: 'markup' | 'value';
  text: string;
}

/** Splits a message into lines, one an element, and each into markup and values. Joined, the pieces are the text as it came but for line breaks between elements. */
export function splitXml(xml: string): XmlPiece[][] {
  const lines: XmlPiece[][] = [[]];
  let wasOpening = false;
  for (const [text] of xml.matchAll(token)) {
    const isMarkup = text.startsWith('<');
    if (!isMarkup && text.trim() === '') continue;
    const isCdata = text.startsWith('<![CDATA[') && text.endsWith(']]>');
    const isClosing = text.startsWith('</');
    const isElement = isMarkup && !isCdata;
    // A closing tag stays beside its value; after other elements it starts a line of its own.
    if (isElement && (isClosing ? !wasOpening : true) && lines.at(-1)?.length) lines.push([]);
    for (const piece of isCdata ? splitCdata(text) : [{ kind: isMarkup ? 'markup' : 'value', text } as const])
      lines.at(-1)?.push(piece);
    if (isElement) wasOpening = !isClosing;
  }
  return lines;
}

function splitCdata(text: string): XmlPiece[] {
  return [
    { kind: 'markup', text: '<![CDATA[' },
    { kind: 'value', text: text.slice('<![CDATA['.length, -']]>'.length) },
    { kind: 'markup', text: ']]>' },
  ];
}

const token = /<!\[CDATA\[[\s\S]*?\]\]>|<[^>]*>|[^<]+|</g;
