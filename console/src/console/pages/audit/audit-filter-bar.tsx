import { Button, Input, Select } from 'antd';
import { Search, X } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import type { StaffMember } from '../../../../../server/api/contract.ts';
import { useList } from '../../api/resource.ts';
import { useMay } from '../../session/session-store.ts';
import type { AuditFilters } from './filters.ts';
import { useAuditTexts } from './texts.ts';

interface AuditFilterBarProps {
  filters: AuditFilters;
  onChange: (changed: Partial<AuditFilters>) => void;
  onClear: () => void;
}

/** What to look for; each change looks at once, words after a moment's rest. */
export function AuditFilterBar({ filters, onChange, onClear }: AuditFilterBarProps) {
  const texts = useAuditTexts();
  const people = useList<StaffMember>(useMay('staff.read') ? '/staff?limit=200' : undefined);
  const isFiltered = Object.values(filters).some((value) => value !== '');
  const whoOptions = (people.data ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const actionOptions = Object.entries(texts.actions).map(([value, label]) => ({ value, label }));

  return (
    <search className="filters">
      <FindField find={filters.find} onFind={(find) => onChange({ find })} />
      <Select
        aria-label={texts.who}
        placeholder={texts.anybody}
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        value={filters.actorId || null}
        options={whoOptions}
        popupMatchSelectWidth={false}
        onChange={(actorId: string | null | undefined) => onChange({ actorId: actorId ?? '' })}
      />
      <Select
        aria-label={texts.what}
        placeholder={texts.anything}
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        value={filters.action || null}
        options={actionOptions}
        popupMatchSelectWidth={false}
        onChange={(action: string | null | undefined) => onChange({ action: action ?? '' })}
      />
      <DayField label={texts.since} day={filters.since} onChange={(since) => onChange({ since })} />
      <DayField label={texts.until} day={filters.until} onChange={(until) => onChange({ until })} />
      {isFiltered && (
        <Button type="text" icon={<X className="icon" />} onClick={onClear}>
          {texts.clear}
        </Button>
      )}
    </search>
  );
}

function FindField({ find, onFind }: { find: string; onFind: (find: string) => void }) {
  const texts = useAuditTexts();
  const [typed, setTyped] = useState(find);
  useEffect(() => setTyped(find), [find]);
  useEffect(() => {
    if (typed === find) return;
    const timer = setTimeout(() => onFind(typed), restsFor);
    return () => clearTimeout(timer);
  });
  return (
    <Input
      className="find"
      type="search"
      aria-label={texts.find}
      placeholder={texts.find}
      prefix={<Search className="icon" aria-hidden="true" />}
      maxLength={100}
      value={typed}
      onChange={({ target }) => setTyped(target.value)}
      onPressEnter={() => onFind(typed)}
    />
  );
}

function DayField({ label, day, onChange }: { label: string; day: string; onChange: (day: string) => void }) {
  const id = useId();
  return (
    <label className="day-field" htmlFor={id}>
      {label}
      <Input id={id} type="date" value={day} onChange={({ target }) => onChange(target.value)} />
    </label>
  );
}

const restsFor = 350;
