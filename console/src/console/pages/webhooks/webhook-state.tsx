import type { Webhook } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { formatUntil, formatWhen, useNow } from '../../texts/times.ts';
import { useWebhookTexts } from './texts.ts';

/** How a webhook does, in a word, and why where it does not do well. */
export function WebhookState({ webhook }: { webhook: Webhook }) {
  const texts = useWebhookTexts();
  const now = useNow();
  const { state, isGone, brokenSince, nextTryAt } = webhook;
  return (
    <span>
      <span className={`tag ${tone[state]}`}>{texts.stateName[state]}</span>
      {state === 'broken' && brokenSince !== undefined && (
        <small>
          {texts.brokenFor(
            formatWhen(brokenSince, now, currentLanguage()),
            formatUntil(nextTryAt ?? now, now, currentLanguage()),
          )}
        </small>
      )}
      {state === 'paused' && isGone && <small>{texts.gone}</small>}
    </span>
  );
}

const tone = { active: 'ok', paused: 'amber', broken: 'stop' } as const;
