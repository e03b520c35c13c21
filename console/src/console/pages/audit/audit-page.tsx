import { Button } from 'antd';
import { BookLock, Download, Search, SearchX } from 'lucide-react';
import { useSearchParams } from 'react-router';
import type { AuditEntry } from '../../../../../server/api/contract.ts';
import { apiPath } from '../../api/request.ts';
import { useList } from '../../api/resource.ts';
import { ReadMore } from '../../parts/data-table.tsx';
import { RoomHead } from '../../parts/room-head.tsx';
import { Empty } from '../../states/empty.tsx';
import { View } from '../../states/view.tsx';
import { useTexts } from '../../texts/texts.ts';
import { AuditFilterBar } from './audit-filter-bar.tsx';
import { AuditTable } from './audit-table.tsx';
import { type AuditFilters, noFilters, queryOf, readFilters, writeFilters } from './filters.ts';
import { useAuditTexts } from './texts.ts';
import './audit.css';

/** Who changed what. The filters stand in the address, so that what was found can be sent to somebody. */
export function AuditPage() {
  const common = useTexts();
  const texts = useAuditTexts();
  const [address, setAddress] = useSearchParams();
  const filters = readFilters(address);
  const entries = useList<AuditEntry>(`/audit${queryOf(filters)}`);
  const change = (changed: Partial<AuditFilters>) =>
    setAddress(writeFilters({ ...filters, ...changed }), { replace: true, preventScrollReset: true });
  const clear = () => change(noFilters);

  return (
    <>
      <RoomHead
        title={common.rooms.audit}
        about={texts.about}
        actions={
          <Button href={`${apiPath}/audit.csv${queryOf(filters)}`} download icon={<Download className="icon" />}>
            {texts.export}
          </Button>
        }
      />
      <AuditFilterBar filters={filters} onChange={change} onClear={clear} />
      <section className="panel listed" aria-busy={entries.isReading}>
        <View resource={entries}>
          {(rows) =>
            rows.length > 0 ? (
              <>
                <AuditTable rows={rows} onFilter={change} />
                <ReadMore list={entries} label={texts.more} />
              </>
            ) : entries.hasMore ? (
              <>
                <Empty icon={Search} title={texts.goesOn} text={texts.goesOnText} />
                <ReadMore list={entries} label={texts.lookOn} />
              </>
            ) : queryOf(filters) ? (
              <Empty icon={SearchX} title={texts.noneFound} text="" action={<Button onClick={clear}>{texts.clear}</Button>} />
            ) : (
              <Empty icon={BookLock} title={texts.empty} text={texts.emptyText} />
            )
          }
        </View>
      </section>
    </>
  );
}
