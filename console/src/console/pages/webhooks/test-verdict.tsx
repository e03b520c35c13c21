import type { Attempt, TestedWebhook } from '../../../../../server/api/contract.ts';
import { useWebhookTexts } from './texts.ts';

/** How a test event was taken, with the beginning of what the receiver answered. */
export function TestVerdict({ tested }: { tested: TestedWebhook }) {
  const texts = useWebhookTexts();
  const why = useFailureWords();
  const isGood = tested.failure === undefined;
  return (
    <div className={isGood ? 'note good' : 'note bad'} role="status">
      <b>
        {isGood ? texts.testGood(tested.status ?? 200, tested.milliseconds) : texts.testBad(why(tested), tested.milliseconds)}
      </b>
      {tested.body && (
        <>
          <p className="muted">{texts.answered}</p>
          <pre className="answered">{tested.body}</pre>
        </>
      )}
    </div>
  );
}

/** Says why a try failed. */
export function useFailureWords(): (attempt: Attempt) => string {
  const texts = useWebhookTexts();
  return ({ failure, status }) =>
    failure === 'status' && status !== undefined ? texts.answer(status) : (texts.failures[failure ?? ''] ?? failure ?? '');
}
