import { create } from 'qrcode';
import { useMemo } from 'react';

/** A text as a QR code. Dark on white in every theme: scanners want it so. */
export function CodePicture({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => draw(text), [text]);
  const edge = size + 2 * quietZone;
  return (
    <svg className="code-picture" role="img" aria-label={label} viewBox={`${-quietZone} ${-quietZone} ${edge} ${edge}`}>
      <rect x={-quietZone} y={-quietZone} width={edge} height={edge} />
      <path d={path} />
    </svg>
  );
}

/** Light modules around a code (ISO/IEC 18004, 6.3.8). */
const quietZone = 4;

function draw(text: string): { size: number; path: string } {
  const { size, data } = create(text, { errorCorrectionLevel: 'M' }).modules;
  let path = '';
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if (data[y * size + x]) path += `M${x} ${y}h1v1h-1z`;
  return { size, path };
}
