import { Button, Modal } from 'antd';
import type { SignedIn } from '../../../../server/api/contract.ts';
import { useTexts } from '../texts/texts.ts';
import { enter, giveUp } from './session-store.ts';
import { SignInForm } from './sign-in-form.tsx';

/** Over the page whose session ended: what was typed stays below until the same person has signed in again. */
export function SignInAgain({ session }: { session: SignedIn }) {
  const { again } = useTexts();
  return (
    <Modal open title={again.title} footer={null} closable={false} mask={{ closable: false }} keyboard={false} width={420}>
      <p className="muted">{again.text(session.staff.name)}</p>
      <SignInForm merchant={session.merchant.slug} login={session.staff.login} isLoginFixed onSignedIn={enter} />
      <Button type="link" block onClick={giveUp}>
        {again.other}
      </Button>
    </Modal>
  );
}
