/** One part of a form that is a file. */
export interface FormFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A form as it came: its files and its other fields, by their names. */
export interface Form {
  readonly files: ReadonlyMap<string, FormFile>;
  readonly fields: ReadonlyMap<string, string>;
}

const lineEnd = Buffer.from('\r\n');
const headEnd = Buffer.from('\r\n\r\n');

/** Reads a multipart form; undefined for what is none. Lenient in how parts name themselves: SDKs of many languages write them. */
export function readForm(bytes: Buffer, contentType: string): Form | undefined {
  const boundary = /^multipart\/form-data\b.*\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) return undefined;
  const files = new Map<string, FormFile>();
  const fields = new Map<string, string>();
  const parts = partsOf(bytes, Buffer.from(`--${name}`));
  for (const part of parts ?? []) {
    const head = part.indexOf(headEnd);
    if (head === -1) return undefined;
    const disposition = /^content-disposition:(.*)$/im.exec(part.toString('utf8', 0, head))?.[1] ?? '';
    const field = parameterOf(disposition, 'name');
    const fileName = parameterOf(disposition, 'filename');
    const body = part.subarray(head + headEnd.length);
    if (field === undefined) return undefined;
    if (fileName === undefined) fields.set(field, body.toString('utf8'));
    else files.set(field, { name: fileName, bytes: body });
  }
  return parts && { files, fields };
}

/** What lies between the boundaries; undefined when the last one is missing. */
function partsOf(bytes: Buffer, boundary: Buffer): Buffer[] | undefined {
  const parts: Buffer[] = [];
  let at = bytes.indexOf(boundary);
  while (at !== -1) {
    const start = at + boundary.length;
    if (bytes.toString('latin1', start, start + 2) === '--') return parts;
    const end = bytes.indexOf(Buffer.concat([lineEnd, boundary]), start);
    if (end === -1) return undefined;
    parts.push(bytes.subarray(bytes.indexOf(lineEnd, start) + lineEnd.length, end));
    at = end + lineEnd.length;
  }
  return undefined;
}

function parameterOf(disposition: string, name: string): string | undefined {
  const found = new RegExp(`[;\\s]${name}=(?:"([^"]*)"|([^;\\s]*))`, 'i').exec(disposition);
  return found?.[1] ?? found?.[2];
}
