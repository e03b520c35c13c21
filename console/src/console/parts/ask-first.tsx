import type { ReactNode } from 'react';
import { useAction } from '../api/action.ts';
import { ProblemNote } from '../states/problem-note.tsx';
import { Dialog } from './dialog.tsx';

interface AskFirstProps {
  title: string;
  /** What will happen, in sentences. */
  children: ReactNode;
  /** The word for doing it, and that for leaving it. */
  doIt: string;
  leaveIt: string;
  /** Not yet: what has to be typed first is not. */
  isLocked?: boolean;
  /** Does it; refusals are shown here. The key is for what has to be idempotent. */
  work(key: string): Promise<unknown>;
  onDone(): void;
  onClose(): void;
}

/** Asks before something that cannot be undone, and says what will happen. Focus begins on leaving it. */
export function AskFirst({ title, children, doIt, leaveIt, isLocked = false, work, onDone, onClose }: AskFirstProps) {
  const action = useAction(async (_: undefined, key) => {
    await work(key);
    return true;
  });
  async function confirm() {
    if (await action.run(undefined)) onDone();
  }
  return (
    <Dialog
      title={title}
      width={440}
      okText={doIt}
      cancelText={leaveIt}
      okButtonProps={{ danger: true, type: 'default', loading: action.isRunning, disabled: isLocked }}
      cancelButtonProps={{ autoFocus: true }}
      onOk={confirm}
      onCancel={onClose}
    >
      <div className="stack">
        {children}
        <ProblemNote problem={action.problem} />
      </div>
    </Dialog>
  );
}
