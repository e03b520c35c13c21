/** The product's mark: a window with a sill, and somebody behind it. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" className="mark-ground" />
      <path className="mark-frame" d="M7 23.5h18M9.5 20V12a4 4 0 0 1 4-4h5a4 4 0 0 1 4 4v8" />
      <circle className="mark-dot" cx="16" cy="15" r="2.2" />
    </svg>
  );
}
