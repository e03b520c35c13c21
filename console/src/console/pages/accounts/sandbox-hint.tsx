import { FlaskConical } from 'lucide-react';
import type { Door } from '../../../../../server/api/contract.ts';
import { useResource } from '../../api/resource.ts';
import { useTexts } from '../../texts/texts.ts';
import { useAccountTexts } from './texts.ts';

/** Where to try everything without an account of the real platform; nothing where the sandbox is off. */
export function SandboxHint({ hasAccount = false }: { hasAccount?: boolean }) {
  const texts = useAccountTexts();
  const { openSandbox } = useTexts();
  if (!useResource<Door>('/door').data?.hasSandbox) return null;
  return (
    <section className="panel padded">
      <h2>{hasAccount ? texts.inSandbox : texts.noAccount}</h2>
      <p className="muted">{hasAccount ? texts.inSandboxText : texts.noAccountText}</p>
      <a className="button" href="../sandbox/">
        <FlaskConical className="icon" aria-hidden="true" />
        {openSandbox}
      </a>
    </section>
  );
}
