import { App, Button } from 'antd';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { CodePicture } from '../../parts/code-picture.tsx';
import { CopyLine } from '../../parts/copy-line.tsx';
import { loadSession, useSession } from '../../session/session-store.ts';
import { CodeForm } from './code-form.tsx';
import { PresentForm } from './present-form.tsx';
import { RecoveryDialog } from './recovery-dialog.tsx';
import { useSecurityTexts } from './texts.ts';

/** Turns one-time codes on, by scanning and proving one, and off, by one last. */
export function CodePanel() {
  const texts = useSecurityTexts();
  const { hasCode } = useSession().staff;
  const [url, setUrl] = useState<string>();
  const [isStarting, setStarting] = useState(false);
  const [isStopping, setStopping] = useState(false);
  const [recoveryCodes, setRecoveryCodes] = useState<readonly string[]>();

  return (
    <section className="panel padded stack">
      <h2 className="row">
        {texts.code}
        <span className={hasCode ? 'tag ok' : 'tag'}>{hasCode ? texts.codeOn : texts.codeOff}</span>
      </h2>
      <p className="muted">{texts.codeText}</p>
      {!hasCode && url === undefined && !isStarting && (
        <span>
          <Button onClick={() => setStarting(true)}>{texts.startCode}</Button>
        </span>
      )}
      {!hasCode && url === undefined && isStarting && (
        <PresentForm
          doIt={texts.startCode}
          work={async (present) => {
            setUrl((await request<{ url: string }>('POST', '/session/code', { body: { present } })).url);
            setStarting(false);
          }}
          onCancel={() => setStarting(false)}
        />
      )}
      {!hasCode && url !== undefined && (
        <Proving
          url={url}
          onProven={(codes) => {
            setUrl(undefined);
            setRecoveryCodes(codes);
          }}
          onCancel={() => setUrl(undefined)}
        />
      )}
      {hasCode && !isStopping && (
        <span>
          <Button onClick={() => setStopping(true)}>{texts.stopCode}</Button>
        </span>
      )}
      {hasCode && isStopping && <Stopping onEnd={() => setStopping(false)} />}
      {recoveryCodes && (
        <RecoveryDialog
          codes={recoveryCodes}
          onClose={() => {
            setRecoveryCodes(undefined);
            void loadSession();
          }}
        />
      )}
    </section>
  );
}

interface ProvingProps {
  url: string;
  onProven: (recoveryCodes: readonly string[]) => void;
  onCancel: () => void;
}

function Proving({ url, onProven, onCancel }: ProvingProps) {
  const texts = useSecurityTexts();
  return (
    <div className="stack">
      <h3>{texts.scanTitle}</h3>
      <p className="muted">{texts.scanText}</p>
      <CodePicture text={url} label={texts.codePicture} />
      <p className="muted">{texts.orType}</p>
      <CopyLine text={new URL(url).searchParams.get('secret') ?? ''} label={texts.copyKey} />
      <CodeForm
        label={texts.sixDigits}
        doIt={texts.confirmCode}
        isNumeric
        work={async (code) =>
          onProven((await request<{ recoveryCodes: string[] }>('PUT', '/session/code', { body: { code } })).recoveryCodes)
        }
        onCancel={onCancel}
      />
    </div>
  );
}

function Stopping({ onEnd }: { onEnd: () => void }) {
  const texts = useSecurityTexts();
  const { message } = App.useApp();
  return (
    <CodeForm
      label={texts.codeNow}
      doIt={texts.stopCode}
      work={async (code, key) => {
        await request('POST', '/session/code/stop', { body: { code }, idempotent: key });
        await loadSession();
        onEnd();
        void message.success(texts.codeStopped);
      }}
      onCancel={onEnd}
    />
  );
}
