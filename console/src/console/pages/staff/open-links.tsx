import { App, Button } from 'antd';
import type { Link } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { useAction } from '../../api/action.ts';
import { request } from '../../api/request.ts';
import type { ListResource } from '../../api/resource.ts';
import { DataTable, ReadMore } from '../../parts/data-table.tsx';
import { ProblemNote } from '../../states/problem-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { formatUntil, useNow } from '../../texts/times.ts';
import { useStaffTexts } from './texts.ts';

interface OpenLinksProps {
  links: ListResource<Link>;
  mayEdit: boolean;
  /** What keeps them from being read is said already. */
  isQuiet: boolean;
}

/** Links that still open something, so that one that went astray can be made worthless. Nothing where there are none. */
export function OpenLinks({ links, mayEdit, isQuiet }: OpenLinksProps) {
  const common = useTexts();
  const texts = useStaffTexts();
  const { message } = App.useApp();
  const now = useNow();
  const revoking = useAction(async (link: Link) => {
    await request('DELETE', `/links/${link.id}`);
    return link;
  });
  if (!links.data?.length) return isQuiet ? null : <ProblemNote problem={links.problem} onRetry={links.reload} />;

  async function revoke(wanted: Link) {
    const link = await revoking.run(wanted);
    links.reload();
    if (link) void message.success(texts.revoked(link.name));
  }

  return (
    <section className="panel listed">
      <div className="panel-head">
        <h2>{texts.links}</h2>
        <span className="muted">{texts.linksText}</span>
      </div>
      <ProblemNote problem={revoking.problem} />
      <DataTable
        caption={texts.links}
        rows={links.data}
        keyOf={({ id }) => id}
        columns={[
          { title: texts.name, cell: ({ name }) => name },
          {
            title: texts.linkFor,
            cell: ({ purpose, role }) => (purpose === 'join' ? texts.joins(common.roles[role]) : texts.enters),
          },
          { title: texts.linkExpires, cell: ({ expiresAt }) => texts.linkUntil(formatUntil(expiresAt, now, currentLanguage())) },
          {
            title: texts.actions,
            isQuiet: true,
            cell: (link) =>
              mayEdit && (
                <span className="row-actions">
                  <Button size="small" type="link" aria-label={`${texts.revoke}: ${link.name}`} onClick={() => void revoke(link)}>
                    {texts.revoke}
                  </Button>
                </span>
              ),
          },
        ]}
      />
      <ReadMore list={links} />
    </section>
  );
}
