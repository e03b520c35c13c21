import { useTexts } from '../texts/texts.ts';

/** The page's frame before anything is known. Its bones appear after a moment only: what is quick never flickers. */
export function PageSkeleton() {
  const texts = useTexts();
  return (
    <div className="console" aria-busy="true">
      <div className="nav" />
      <div className="page">
        <div className="topbar" />
        <main className="sheet">
          <span className="sr" role="status">
            {texts.loading}
          </span>
          <Bones rows={6} />
        </main>
      </div>
    </div>
  );
}

/** Rows in the shape of what is being read. */
export function Bones({ rows = 4, height = 40 }: { rows?: number; height?: number }) {
  return (
    <div className="bones" aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bones are alike.
        <span key={row} style={{ height, inlineSize: `${100 - ((row * 37) % 40)}%` }} />
      ))}
    </div>
  );
}
