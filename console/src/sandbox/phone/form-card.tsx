import type { MessageContent } from '../../../../server/sandbox/contract.ts';
import { useTexts } from '../texts/texts.ts';
import { Link } from './link.tsx';

/** A template or subscription message: its fields by name, and where a tap leads. */
export function FormCard({ content }: { content: Extract<MessageContent, { kind: 'form' }> }) {
  const texts = useTexts();
  const { title, fields, url, path } = content;
  return (
    <div className="bubble form">
      <h3>{title}</h3>
      <dl>
        {fields.map(({ name, text }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the fields of a message never change places.
          <div key={index}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {path !== undefined && <p className="leads">{`${texts.miniProgram} · ${path}`}</p>}
      {path === undefined && url && (
        <p className="leads">
          <Link url={url}>{texts.details}</Link>
        </p>
      )}
    </div>
  );
}
