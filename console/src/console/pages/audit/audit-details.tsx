import { Button } from 'antd';
import type { AuditEntry } from '../../../../../server/api/contract.ts';
import type { Permission, Role } from '../../../../../server/merchants/permissions.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { useTexts } from '../../texts/texts.ts';
import { formatExactly } from '../../texts/times.ts';
import { listChanges } from './change.ts';
import type { AuditFilters } from './filters.ts';
import { useAuditTexts } from './texts.ts';

interface AuditDetailsProps {
  entry: AuditEntry;
  onFilter: (changed: Partial<AuditFilters>) => void;
}

/** What one entry changed, side by side, and what to quote of it. */
export function AuditDetails({ entry, onFilter }: AuditDetailsProps) {
  const texts = useAuditTexts();
  const changes = listChanges(entry.before, entry.after);
  const { subject, by } = entry;
  return (
    <div className="audit-details">
      {changes.length === 0 ? (
        <p className="muted">{texts.noDetails}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.field}</th>
              <th scope="col">{texts.before}</th>
              <th scope="col">{texts.after}</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ path, before, after }) => (
              <tr key={path}>
                <th scope="row">{texts.fields[path] ?? <span className="mono">{path}</span>}</th>
                <td>
                  <Value path={path} value={before} />
                </td>
                <td>
                  <Value path={path} value={after} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="muted row">
        <span>{formatExactly(entry.at, currentLanguage())}</span>
        {by.requestId && (
          <span>
            {texts.request} <span className="mono">{by.requestId}</span>
          </span>
        )}
        <span>
          {texts.id} <span className="mono">{subject.id}</span>
        </span>
        <Button
          type="link"
          size="small"
          aria-label={texts.onlyOf(subject.name ?? subject.id)}
          onClick={() => onFilter({ subjectId: subject.id })}
        >
          {texts.onlyThis}
        </Button>
      </p>
    </div>
  );
}

/** A value as people say it: roles, permissions and times by their words, lists by their items. */
function Value({ path, value }: { path: string; value: unknown }) {
  const common = useTexts();
  const texts = useAuditTexts();
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0))
    return <span className="muted">{texts.nothing}</span>;
  if (typeof value === 'boolean') return value ? texts.yes : texts.no;
  if (typeof value === 'number' && path.endsWith('At')) return formatExactly(value, currentLanguage());
  if (path === 'role') return common.roles[value as Role] ?? String(value);
  if (Array.isArray(value)) return value.map((item) => common.permissions[item as Permission] ?? String(item)).join(common.and);
  return typeof value === 'object' ? <code>{JSON.stringify(value)}</code> : String(value);
}
