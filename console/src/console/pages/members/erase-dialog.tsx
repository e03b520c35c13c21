import { Button, Input } from 'antd';
import { useId, useState } from 'react';
import type { Member, Receipt } from '../../../../../server/api/contract.ts';
import { request } from '../../api/request.ts';
import { AskFirst } from '../../parts/ask-first.tsx';
import { CopyLine } from '../../parts/copy-line.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useMemberTexts } from './texts.ts';

interface EraseDialogProps {
  member: Member;
  onErased: () => void;
  onClose: () => void;
}

/** Erases a person, once the end of their id was typed: nobody does it by a slip, or to another. Then shows the receipt. */
export function EraseDialog({ member, onErased, onClose }: EraseDialogProps) {
  const texts = useMemberTexts();
  const id = useId();
  const [typed, setTyped] = useState('');
  const [receipt, setReceipt] = useState<Receipt>();
  const end = member.id.slice(-6);
  if (receipt) return <ReceiptDialog receipt={receipt} onClose={onClose} />;
  return (
    <AskFirst
      title={texts.eraseTitle}
      doIt={texts.eraseIt}
      leaveIt={texts.keep}
      isLocked={typed.trim().toLowerCase() !== end}
      work={async (key) => {
        setReceipt(await request<Receipt>('POST', `/members/${member.id}/erasure`, { idempotent: key }));
        onErased();
      }}
      onDone={() => {}}
      onClose={onClose}
    >
      <p className="dialog-text">{texts.eraseText}</p>
      <label className="stack typed" htmlFor={id}>
        {texts.eraseType(end)}
        <Input
          id={id}
          autoComplete="off"
          spellCheck={false}
          maxLength={12}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
      </label>
    </AskFirst>
  );
}

function ReceiptDialog({ receipt, onClose }: { receipt: Receipt; onClose: () => void }) {
  const texts = useMemberTexts();
  return (
    <Dialog
      title={texts.receiptTitle}
      width={480}
      mask={{ closable: false }}
      onCancel={onClose}
      footer={
        <Button type="primary" onClick={onClose}>
          {texts.close}
        </Button>
      }
    >
      <div className="stack">
        <p className="dialog-text">
          <b>{texts.receiptState[receipt.state]}</b>
        </p>
        <p className="muted">{texts.receiptText}</p>
        <CopyLine text={receipt.id} label={texts.copyReceipt} />
        <RoomAnswers receipt={receipt} />
      </div>
    </Dialog>
  );
}

/** What each room answered. */
export function RoomAnswers({ receipt }: { receipt: Receipt }) {
  const texts = useMemberTexts();
  return (
    <dl className="room-answers">
      {receipt.rooms.map(({ room, hadSomething }) => (
        <div key={room}>
          <dt>{texts.room[room] ?? room}</dt>
          {/* The audit names people by ids and keeps all of them. */}
          <dd className="muted">{room === 'audit' ? texts.keepsIds : hadSomething ? texts.hadSomething : texts.hadNothing}</dd>
        </div>
      ))}
    </dl>
  );
}
