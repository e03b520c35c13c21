import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { AuditEntry } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { useSession } from '../../session/session-store.ts';
import { formatExactly, formatWhen, useNow } from '../../texts/times.ts';
import { AuditDetails } from './audit-details.tsx';
import type { AuditFilters } from './filters.ts';
import { useAuditTexts } from './texts.ts';

interface AuditTableProps {
  rows: readonly AuditEntry[];
  onFilter: (changed: Partial<AuditFilters>) => void;
}

/** Newest first. Each row opens what was there before and after. */
export function AuditTable({ rows, onFilter }: AuditTableProps) {
  const texts = useAuditTexts();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const now = useNow();
  const { merchant } = useSession();

  function turn(id: string) {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  }

  return (
    <DataTable
      caption={texts.about}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        {
          title: texts.when,
          cell: ({ at }) => (
            <time className="nowrap" title={formatExactly(at, currentLanguage())}>
              {formatWhen(at, now, currentLanguage())}
            </time>
          ),
        },
        { title: texts.who, cell: (entry) => <Actor entry={entry} /> },
        { title: texts.what, cell: ({ action }) => texts.actions[action] ?? <span className="mono">{action}</span> },
        {
          title: texts.subject,
          cell: ({ subject }) => (
            <span>
              {subject.name || (subject.id === merchant.id ? merchant.name : <span className="mono">{subject.id}</span>)}
              <small>{texts.subjects[subject.kind]}</small>
            </span>
          ),
        },
        {
          title: texts.open,
          isQuiet: true,
          cell: (entry) => {
            const isOpen = open.has(entry.id);
            const Icon = isOpen ? ChevronDown : ChevronRight;
            return (
              <span className="row-actions">
                <button
                  type="button"
                  className="icon-action"
                  aria-expanded={isOpen}
                  aria-label={texts.openOf(texts.actions[entry.action] ?? entry.action)}
                  onClick={() => turn(entry.id)}
                >
                  <Icon className="icon" aria-hidden="true" />
                </button>
              </span>
            );
          },
        },
      ]}
      below={(entry) => open.has(entry.id) && <AuditDetails entry={entry} onFilter={onFilter} />}
    />
  );
}

function Actor({ entry: { by } }: { entry: AuditEntry }) {
  const texts = useAuditTexts();
  const { kind, name } = by.actor;
  return (
    <span>
      {kind === 'staff' || kind === 'key' ? name : (texts.platforms[name] ?? texts.actors[kind])}
      <small>{[kind === 'key' && texts.actors.key, by.address].filter(Boolean).join(' · ')}</small>
    </span>
  );
}
