import { Button } from 'antd';
import type { MadeWebhook } from '../../../../../server/api/contract.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useWebhookTexts } from './texts.ts';

/** A signing secret, shown this once; only the button closes it. */
export function SecretDialog({ made: { webhook, secret }, onClose }: { made: MadeWebhook; onClose: () => void }) {
  const texts = useWebhookTexts();
  return (
    <Dialog
      title={texts.madeTitle(webhook.name)}
      width={520}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      footer={
        <Button type="primary" onClick={onClose}>
          {texts.kept}
        </Button>
      }
    >
      <div className="stack">
        <p className="dialog-text">{texts.madeText}</p>
        <CopyLine text={secret} label={texts.copySecret} />
      </div>
    </Dialog>
  );
}
