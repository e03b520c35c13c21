import { Button } from 'antd';
import { Check, Copy } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTexts } from '../texts/texts.ts';

interface CopyLineProps {
  text: string;
  /** How it is shown, where that is not the text as it is. */
  children?: ReactNode;
  /** What is copied: "复制链接". */
  label: string;
}

/** A text to be copied, in full. Says that it was copied, and selects it where the browser does not let a page copy. */
export function CopyLine({ text, children, label }: CopyLineProps) {
  const texts = useTexts();
  const shown = useRef<HTMLDivElement>(null);
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), saidFor);
    return () => clearTimeout(timer);
  }, [isCopied]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      // Over plain HTTP, or without leave: selected, one key is left to press.
      if (shown.current) getSelection()?.selectAllChildren(shown.current);
    }
  }

  return (
    <div className="copy-line">
      <div className="mono" ref={shown}>
        {children ?? text}
      </div>
      <Button type="link" size="small" icon={isCopied ? <Check className="icon" /> : <Copy className="icon" />} onClick={copy}>
        {isCopied ? texts.copied : label}
      </Button>
      <span className="sr" role="status">
        {isCopied ? texts.copied : ''}
      </span>
    </div>
  );
}

const saidFor = 2000;
