import { useEffect } from 'react';
import { type Location, Navigate, useLocation, useSearchParams } from 'react-router';
import type { Door as DoorAnswer } from '../../../../../server/api/contract.ts';
import { useResource } from '../../api/resource.ts';
import { Door } from '../../session/door.tsx';
import { enter, useSessionState } from '../../session/session-store.ts';
import { SignInForm } from '../../session/sign-in-form.tsx';
import { Bones } from '../../states/page-skeleton.tsx';
import { ProblemNote } from '../../states/problem-note.tsx';
import { createTexts } from '../../texts/create-texts.ts';
import { useTexts } from '../../texts/texts.ts';

/** The sign-in page. The shop is known where there is one only, or where the address names it: `#/sign-in?merchant=banrimai`. */
export function SignInPage() {
  const { product } = useTexts();
  const texts = useSignInPageTexts();
  const state = useSessionState();
  const from = (useLocation().state as { from?: Location } | null)?.from;
  const slug = useSearchParams()[0].get('merchant');
  const door = useResource<DoorAnswer>(slug ? `/door?merchant=${encodeURIComponent(slug)}` : '/door');
  useEffect(() => {
    document.title = `${texts.title} · ${product}`;
  }, [texts, product]);
  if (state.kind === 'in') return <Navigate to={from ? `${from.pathname}${from.search}` : '/'} replace />;

  const merchant = door.data?.merchant;
  return (
    <Door
      shop={merchant?.name}
      title={texts.title}
      about={merchant ? texts.about(merchant.name) : texts.aboutAny}
      foot={
        <>
          <span>{texts.noAccount}</span>
          {door.data?.hasSandbox && <a href="../sandbox/">{texts.sandbox}</a>}
        </>
      }
    >
      <ProblemNote problem={door.problem} onRetry={door.reload} />
      {door.data && <SignInForm key={merchant?.slug ?? ''} merchant={merchant?.slug} onSignedIn={enter} />}
      {!door.data && door.isReading && <Bones rows={3} height={44} />}
    </Door>
  );
}

const useSignInPageTexts = createTexts(
  {
    title: '进后台',
    about: (shop: string) => `${shop}的同事，从这里进`,
    aboutAny: '店里的同事，从这里进',
    noAccount: '没有账号，请店主在“员工与权限”里加你',
    sandbox: '先去沙箱玩玩',
  },
  {
    title: 'Sign in',
    about: (shop) => `For the people who work at ${shop}`,
    aboutAny: 'For the people who work in the shop',
    noAccount: 'No account? The owner adds you under “Staff and roles”',
    sandbox: 'Try the sandbox first',
  },
);
