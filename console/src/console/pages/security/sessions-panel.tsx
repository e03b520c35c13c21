import { App, Button } from 'antd';
import { Monitor, Smartphone } from 'lucide-react';
import type { Session } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { useAction } from '../../api/action.ts';
import { request } from '../../api/request.ts';
import { useResource } from '../../api/resource.ts';
import { ProblemNote } from '../../states/problem-note.tsx';
import { View } from '../../states/view.tsx';
import { formatExactly, formatWhen, useNow } from '../../texts/times.ts';
import { nameAgent } from './agent.ts';
import { useSecurityTexts } from './texts.ts';

/** Where one is signed in, and how to end it. */
export function SessionsPanel() {
  const texts = useSecurityTexts();
  const { message } = App.useApp();
  const sessions = useResource<{ items: readonly Session[] }>('/session/all');
  const ending = useAction(async (id: string) => {
    await request('DELETE', id === others ? '/session/others' : `/session/all/${id}`);
    return true;
  });

  async function end(id: string) {
    const isDone = await ending.run(id);
    sessions.reload();
    if (isDone) void message.success(id === others ? texts.othersEnded : texts.ended);
  }

  return (
    <section className="panel padded stack">
      <h2>{texts.sessions}</h2>
      <ProblemNote problem={ending.problem} />
      <View resource={sessions}>
        {({ items }) => (
          <>
            <ul className="sessions">
              {items.map((session) => (
                <SessionRow key={session.id} session={session} isEnding={ending.isRunning} onEnd={() => end(session.id)} />
              ))}
            </ul>
            {items.length > 1 ? (
              <span>
                <Button loading={ending.isRunning} onClick={() => end(others)}>
                  {texts.endOthers}
                </Button>
              </span>
            ) : (
              <p className="muted">{texts.onlyThis}</p>
            )}
          </>
        )}
      </View>
    </section>
  );
}

interface SessionRowProps {
  session: Session;
  isEnding: boolean;
  onEnd: () => void;
}

function SessionRow({ session: { isCurrent, agent, address, lastUsedAt, madeAt }, isEnding, onEnd }: SessionRowProps) {
  const texts = useSecurityTexts();
  const now = useNow();
  const language = currentLanguage();
  const name = nameAgent(agent) ?? (agent.slice(0, 40) || texts.unknownAgent);
  const Icon = /iPhone|Android|iPad/.test(name) ? Smartphone : Monitor;
  return (
    <li>
      <Icon className="icon" aria-hidden="true" />
      <span>
        <b title={agent}>{name}</b> {isCurrent && <span className="tag jade">{texts.thisOne}</span>}
        <small>
          {address} ·{' '}
          <time title={formatExactly(lastUsedAt, language)}>{texts.lastUsed(formatWhen(lastUsedAt, now, language))}</time> ·{' '}
          {texts.since(formatWhen(madeAt, now, language))}
        </small>
      </span>
      {!isCurrent && (
        <Button size="small" disabled={isEnding} aria-label={texts.endOf(name)} onClick={onEnd}>
          {texts.end}
        </Button>
      )}
    </li>
  );
}

const others = 'others';
