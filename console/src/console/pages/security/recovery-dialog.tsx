import { Button } from 'antd';
import { CopyLine } from '../../parts/copy-line.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useSecurityTexts } from './texts.ts';

/** Ten recovery codes, shown this once; only the button closes it. */
export function RecoveryDialog({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const texts = useSecurityTexts();
  return (
    <Dialog
      title={texts.recoveryTitle}
      width={480}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      footer={
        <Button type="primary" onClick={onClose}>
          {texts.recoveryKept}
        </Button>
      }
    >
      <div className="stack">
        <p className="dialog-text">{texts.recoveryText}</p>
        <CopyLine text={codes.join('\n')} label={texts.copyCodes}>
          <ol className="recovery-codes">
            {codes.map((code) => (
              <li key={code}>{code}</li>
            ))}
          </ol>
        </CopyLine>
      </div>
    </Dialog>
  );
}
