import { Check, Copy } from 'lucide-react';
import { useState } from 'react';

interface CopyButtonProps {
  text: string;
  /** What it does, and what it says once that is done. */
  label: string;
  doneLabel: string;
}

/** Copies a text to the clipboard. */
export function CopyButton({ text, label, doneLabel }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  const Icon = isCopied ? Check : Copy;

  async function copy() {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), shownFor);
  }

  return (
    <button type="button" className="copy" aria-label={label} title={label} onClick={() => void copy().catch(() => {})}>
      <Icon className="icon" aria-hidden="true" />
      <span className="sr" role="status">
        {isCopied ? doneLabel : ''}
      </span>
    </button>
  );
}

const shownFor = 1600;
