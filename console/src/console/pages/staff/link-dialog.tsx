import { Button } from 'antd';
import type { MadeLink } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { CodePicture } from '../../parts/code-picture.tsx';
import { CopyLine } from '../../parts/copy-line.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { formatUntil, useNow } from '../../texts/times.ts';
import { useStaffTexts } from './texts.ts';

/** A link just made, to be copied or scanned. It is not closed by a click beside it: it cannot be shown again. */
export function LinkDialog({ made: { link, url }, onClose }: { made: MadeLink; onClose: () => void }) {
  const texts = useStaffTexts();
  const until = formatUntil(link.expiresAt, useNow(), currentLanguage());
  return (
    <Dialog
      title={texts.linkTitle(link.name)}
      width={480}
      mask={{ closable: false }}
      onCancel={onClose}
      footer={
        <Button type="primary" onClick={onClose}>
          {texts.done}
        </Button>
      }
    >
      <div className="stack">
        <p className="dialog-text">{link.purpose === 'join' ? texts.joinLinkText(until) : texts.enterLinkText(until)}</p>
        <CodePicture text={url} label={texts.code} />
        <CopyLine text={url} label={texts.copyLink} />
        <p className="muted">{texts.onlyNow}</p>
      </div>
    </Dialog>
  );
}
