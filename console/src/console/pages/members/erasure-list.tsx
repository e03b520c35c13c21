import { ReceiptText } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Receipt } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { useList } from '../../api/resource.ts';
import { DataTable, ReadMore } from '../../parts/data-table.tsx';
import { RoomHead } from '../../parts/room-head.tsx';
import { Empty } from '../../states/empty.tsx';
import { View } from '../../states/view.tsx';
import { useTexts } from '../../texts/texts.ts';
import { formatExactly, formatWhen, useNow } from '../../texts/times.ts';
import { useMemberTexts } from './texts.ts';

/** The receipts of who had themselves erased, the latest first. */
export function ErasureList({ tabs }: { tabs: ReactNode }) {
  const common = useTexts();
  const texts = useMemberTexts();
  const receipts = useList<Receipt>('/erasures');
  return (
    <>
      <RoomHead title={common.rooms.members} about={texts.about} />
      {tabs}
      <section className="panel listed">
        <View resource={receipts}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty icon={ReceiptText} title={texts.noErasures} text={texts.noErasuresText} />
            ) : (
              <>
                <ReceiptTable rows={rows} />
                <ReadMore list={receipts} />
              </>
            )
          }
        </View>
      </section>
    </>
  );
}

function ReceiptTable({ rows }: { rows: readonly Receipt[] }) {
  const texts = useMemberTexts();
  const now = useNow();
  const language = currentLanguage();
  return (
    <DataTable
      caption={texts.erasures}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        { title: texts.receiptId, cell: ({ id }) => <span className="mono">{id}</span> },
        {
          title: texts.member,
          cell: ({ memberId }) => (
            <Link className="mono" to={`/members/${memberId}`} aria-label={texts.open(memberId)}>
              {memberId}
            </Link>
          ),
        },
        {
          title: texts.state,
          cell: ({ state }) => <span className={state === 'done' ? 'tag ok' : 'tag amber'}>{texts.receiptState[state]}</span>,
        },
        {
          title: texts.when,
          cell: ({ begunAt }) => <time title={formatExactly(begunAt, language)}>{formatWhen(begunAt, now, language)}</time>,
        },
      ]}
    />
  );
}
