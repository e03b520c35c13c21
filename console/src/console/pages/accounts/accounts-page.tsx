import { Route, Routes } from 'react-router';
import { AccountList } from './account-list.tsx';
import { AccountPage } from './account-page.tsx';
import { NewAccountPage } from './new-account-page.tsx';
import '../../parts/parts.css';
import './accounts.css';

/** "账号接入": the merchant's official accounts, and the way from nothing to a first answered message. */
export function AccountsPage() {
  return (
    <Routes>
      <Route index element={<AccountList />} />
      <Route path="new" element={<NewAccountPage />} />
      <Route path=":accountId" element={<AccountPage />} />
    </Routes>
  );
}
