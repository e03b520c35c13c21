import { useEffect, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { LinkLook } from '../../../../../server/api/contract.ts';
import { usePreferences } from '../../../shared/preferences.ts';
import { asProblem, type Problem } from '../../api/problem.ts';
import { request } from '../../api/request.ts';
import { Door } from '../../session/door.tsx';
import { enter, useSessionState } from '../../session/session-store.ts';
import { Bones } from '../../states/page-skeleton.tsx';
import { ProblemNote } from '../../states/problem-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { formatWhen, useNow } from '../../texts/times.ts';
import { UseLinkForm } from './link-form.tsx';
import { useLinkTexts } from './texts.ts';

/** A one-time link: says what it is for before it is used up, then leads in. */
export function LinkPage() {
  const { token = '' } = useParams();
  const texts = useLinkTexts();
  const { product, roles } = useTexts();
  const [{ language }] = usePreferences();
  const navigate = useNavigate();
  const now = useNow();
  const state = useSessionState();
  const { look, problem, retry } = useLook(token);
  useEffect(() => {
    document.title = `${texts.title} · ${product}`;
  }, [texts, product]);

  if (problem?.code === 'link.over')
    return (
      <Door shop={undefined} title={texts.overTitle} foot={<Link to="/sign-in">{texts.toSignIn}</Link>}>
        <p className="over-words">{texts.overText}</p>
        <p className="over-words">{texts.overOwner}</p>
      </Door>
    );
  if (!look)
    return (
      <Door shop={undefined} title={problem ? texts.title : texts.looking}>
        <ProblemNote problem={problem} onRetry={retry} />
        {!problem && <Bones rows={3} height={44} />}
      </Door>
    );
  const isJoin = look.purpose === 'join';
  return (
    <Door
      shop={look.merchantName}
      title={isJoin ? texts.welcome(look.merchantName) : texts.enterTitle(look.name)}
      about={isJoin ? texts.joinAs(roles[look.role]) : texts.enterAbout}
      foot={
        <>
          <span>{texts.until(formatWhen(look.expiresAt, now, language))}</span>
          <Link to="/sign-in">{texts.toSignIn}</Link>
        </>
      }
    >
      {state.kind === 'in' && (
        <p className="note" role="status">
          {texts.signedInAs(state.session.staff.name)}
        </p>
      )}
      <UseLinkForm
        token={token}
        look={look}
        onUsed={(session) => {
          enter(session);
          // The token has opened what it could: it need not stay in the browser's history.
          void navigate('/', { replace: true });
        }}
      />
    </Door>
  );
}

function useLook(token: string) {
  const [look, setLook] = useState<LinkLook>();
  const [problem, setProblem] = useState<Problem>();
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn is a new look.
  useEffect(() => {
    const stop = new AbortController();
    setProblem(undefined);
    request<LinkLook>('POST', '/links/look', { body: { token }, needsSession: false, signal: stop.signal }).then(
      (answer) => !stop.signal.aborted && setLook(answer),
      (error: unknown) => !stop.signal.aborted && setProblem(asProblem(error)),
    );
    return () => stop.abort();
  }, [token, turn]);
  return { look, problem, retry: () => setTurn((last) => last + 1) };
}
