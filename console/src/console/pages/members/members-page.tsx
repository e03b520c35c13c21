import { NavLink, Route, Routes } from 'react-router';
import { useMay } from '../../session/session-store.ts';
import { useTexts } from '../../texts/texts.ts';
import { ErasureList } from './erasure-list.tsx';
import { MemberList } from './member-list.tsx';
import { MemberView } from './member-view.tsx';
import { useMemberTexts } from './texts.ts';
import '../../parts/parts.css';
import './members.css';

/** Everybody whom the merchant's accounts have met, one of them, and who had themselves erased. */
export function MembersPage() {
  return (
    <Routes>
      <Route index element={<MemberList tabs={<Tabs />} />} />
      <Route path="erasures" element={<ErasureList tabs={<Tabs />} />} />
      <Route path=":memberId" element={<MemberView />} />
    </Routes>
  );
}

function Tabs() {
  const common = useTexts();
  const texts = useMemberTexts();
  const mayErase = useMay('member.erase');
  if (!mayErase) return null;
  return (
    <nav className="tabs" aria-label={common.rooms.members}>
      <NavLink to="/members" end>
        {common.rooms.members}
      </NavLink>
      <NavLink to="/members/erasures">{texts.erasures}</NavLink>
    </nav>
  );
}
