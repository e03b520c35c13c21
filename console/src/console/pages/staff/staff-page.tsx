import { Button } from 'antd';
import { UserPlus, Users } from 'lucide-react';
import { useState } from 'react';
import type { Link, StaffMember } from '../../../../../server/api/contract.ts';
import { roles, rolesGivenBy } from '../../../../../server/merchants/permissions.ts';
import { useList } from '../../api/resource.ts';
import { RoomHead } from '../../parts/room-head.tsx';
import { useMay, useSession } from '../../session/session-store.ts';
import { Empty } from '../../states/empty.tsx';
import { View } from '../../states/view.tsx';
import { useTexts } from '../../texts/texts.ts';
import { InviteDialog } from './invite-dialog.tsx';
import { OpenLinks } from './open-links.tsx';
import { StaffTable } from './staff-table.tsx';
import { useStaffTexts } from './texts.ts';

/** Who works here and what they may do; inviting, changing and removing them. */
export function StaffPage() {
  const common = useTexts();
  const texts = useStaffTexts();
  const mayEdit = useMay('staff.edit');
  const { staff: me } = useSession();
  const people = useList<StaffMember>('/staff');
  const links = useList<Link>('/links');
  const [isInviting, setInviting] = useState(false);
  const mayInvite = mayEdit && rolesGivenBy[me.role].length > 0;
  const invite = (
    <Button type="primary" icon={<UserPlus className="icon" />} onClick={() => setInviting(true)}>
      {texts.invite}
    </Button>
  );

  return (
    <>
      <RoomHead
        title={common.rooms.staff}
        about={people.data && !people.hasMore && texts.count(people.data.length)}
        actions={mayInvite && invite}
      />
      <div className="beside">
        <div>
          <View resource={people}>{() => <StaffTable people={people} onLinkMade={links.reload} />}</View>
          {people.data?.length === 1 && links.data?.length === 0 && (
            <div className="panel">
              <Empty icon={Users} title={texts.alone} text={texts.aloneText} />
            </div>
          )}
          <OpenLinks links={links} mayEdit={mayEdit} isQuiet={people.problem !== undefined} />
        </div>
        <RoleWords />
      </div>
      {isInviting && <InviteDialog onMade={links.reload} onClose={() => setInviting(false)} />}
    </>
  );
}

function RoleWords() {
  const common = useTexts();
  const texts = useStaffTexts();
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{texts.roles}</h2>
      </div>
      <dl className="explained">
        {roles.map((role) => (
          <div key={role}>
            <dt>{common.roles[role]}</dt>
            <dd>{texts.roleMeans[role]}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
