import { App } from 'antd';
import { KeyRound, Pencil, UserMinus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { StaffMember } from '../../../../../server/api/contract.ts';
import { type Role, rolesGivenBy } from '../../../../../server/merchants/permissions.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { request } from '../../api/request.ts';
import type { ListResource } from '../../api/resource.ts';
import { AskFirst } from '../../parts/ask-first.tsx';
import { DataTable, ReadMore } from '../../parts/data-table.tsx';
import { useMay, useSession } from '../../session/session-store.ts';
import { useTexts } from '../../texts/texts.ts';
import { formatExactly, formatWhen, useNow } from '../../texts/times.ts';
import { EditDialog } from './edit-dialog.tsx';
import { SendInDialog } from './send-in-dialog.tsx';
import { useStaffTexts } from './texts.ts';

type Doing = { kind: 'edit' | 'sendIn' | 'remove'; person: StaffMember };

interface StaffTableProps {
  people: ListResource<StaffMember>;
  onLinkMade: () => void;
}

/** Everybody, and what whoever is signed in may do with each. */
export function StaffTable({ people, onLinkMade }: StaffTableProps) {
  const common = useTexts();
  const texts = useStaffTexts();
  const [doing, setDoing] = useState<Doing>();
  const close = () => setDoing(undefined);
  const now = useNow();

  return (
    <section className="panel listed">
      <DataTable
        caption={common.rooms.staff}
        rows={people.data ?? []}
        keyOf={({ id }) => id}
        columns={[
          { title: texts.name, cell: (person) => <Who person={person} /> },
          { title: texts.role, cell: ({ role }) => <RoleTag role={role} /> },
          { title: texts.signIn, cell: (person) => <span className="muted">{texts[waysIn(person)]}</span> },
          {
            title: texts.lastSeen,
            cell: ({ lastSeenAt }) =>
              lastSeenAt === undefined ? (
                <span className="muted">{texts.never}</span>
              ) : (
                <time title={formatExactly(lastSeenAt, currentLanguage())}>{formatWhen(lastSeenAt, now, currentLanguage())}</time>
              ),
          },
          { title: texts.actions, isQuiet: true, cell: (person) => <Actions person={person} onChoose={setDoing} /> },
        ]}
      />
      <ReadMore list={people} />
      {doing?.kind === 'edit' && <EditDialog person={doing.person} onSaved={people.reload} onClose={close} />}
      {doing?.kind === 'sendIn' && <SendInDialog person={doing.person} onMade={onLinkMade} onClose={close} />}
      {doing?.kind === 'remove' && <RemoveDialog person={doing.person} onRead={people.reload} onClose={close} />}
    </section>
  );
}

/** How a role is shown wherever it stands. */
export function RoleTag({ role }: { role: Role }) {
  const { roles } = useTexts();
  return <span className={role === 'owner' ? 'tag jade' : 'tag'}>{roles[role]}</span>;
}

const waysIn = ({ hasPassword, hasCode }: StaffMember) => (hasPassword ? (hasCode ? 'passwordAndCode' : 'password') : 'onlyLink');

function Who({ person: { id, name, login } }: { person: StaffMember }) {
  const texts = useStaffTexts();
  const isMe = useSession().staff.id === id;
  return (
    <span className="who">
      <span className="face" aria-hidden="true">
        {[...name][0]}
      </span>
      <span>
        <b>
          {name}
          {isMe && <span className="tag">{texts.you}</span>}
        </b>
        <small>{login}</small>
      </span>
    </span>
  );
}

function Actions({ person, onChoose }: { person: StaffMember; onChoose: (doing: Doing) => void }) {
  const texts = useStaffTexts();
  const { staff: me } = useSession();
  const mayEdit = useMay('staff.edit');
  const isMe = me.id === person.id;
  const mayLookAfter = (rolesGivenBy[me.role] as readonly Role[]).includes(person.role);
  if (!mayEdit || !mayLookAfter) return null;
  const action = (kind: Doing['kind'], label: string, icon: ReactNode) => (
    <button
      type="button"
      className="icon-action"
      aria-label={`${label}: ${person.name}`}
      title={label}
      onClick={() => onChoose({ kind, person })}
    >
      {icon}
    </button>
  );
  return (
    <span className="row-actions">
      {action('edit', texts.edit, <Pencil className="icon" aria-hidden="true" />)}
      {!isMe && action('sendIn', texts.sendIn, <KeyRound className="icon" aria-hidden="true" />)}
      {!isMe && action('remove', texts.remove, <UserMinus className="icon" aria-hidden="true" />)}
    </span>
  );
}

function RemoveDialog({ person, onRead, onClose }: { person: StaffMember; onRead: () => void; onClose: () => void }) {
  const texts = useStaffTexts();
  const { message } = App.useApp();
  return (
    <AskFirst
      title={texts.removeTitle(person.name)}
      doIt={texts.removeIt}
      leaveIt={texts.keep}
      work={() => request('DELETE', `/staff/${person.id}`, { ifMatch: person.version })}
      onDone={() => {
        onRead();
        onClose();
        void message.success(texts.removed(person.name));
      }}
      onClose={() => {
        // Refused because somebody else was quicker: the next try begins with what they made of it.
        onRead();
        onClose();
      }}
    >
      <p className="dialog-text">{texts.removeText(person.name)}</p>
    </AskFirst>
  );
}
