import { Check, ChevronRight, Lock, LockOpen, X } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { WireDetail, WireRow } from '../../../../server/sandbox/contract.ts';
import { CopyButton } from '../../shared/copy-button.tsx';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';
import { splitXml } from './xml-lines.ts';

/** An open row: request and answer, each raw and decoded side by side; the delivery's tries; how the platform judged the answer. */
export function WireOpen({ row, onOpen }: { row: WireRow; onOpen: (id: string) => void }) {
  const texts = useTexts();
  const detail = useDetail(row.id);
  if (detail === 'unread') return <p className="wire-open reading">{texts.notRead}</p>;
  if (!detail) return <div className="wire-open reading" role="status" aria-label={texts.reading} />;
  return (
    <div className="wire-open">
      <Exchange detail={detail} />
      <Checks detail={detail} />
      <Tries row={row} onOpen={onOpen} />
    </div>
  );
}

function useDetail(id: string): WireDetail | 'unread' | undefined {
  const { store, view } = useSandbox();
  const [detail, setDetail] = useState<WireDetail | 'unread'>();
  const isLive = view.connection === 'live';
  // biome-ignore lint/correctness/useExhaustiveDependencies: isLive is what asks again.
  useEffect(() => {
    const stop = new AbortController();
    // Read once; tried again when the server is back.
    setDetail((known) => (known && known !== 'unread' && known.id === id ? known : undefined));
    store.detail(id, stop.signal).then(setDetail, () => {
      if (!stop.signal.aborted) setDetail((known) => known ?? 'unread');
    });
    return () => stop.abort();
  }, [store, id, isLive]);
  return detail;
}

function Exchange({ detail }: { detail: WireDetail }) {
  return detail.direction === 'call' ? <CallExchange detail={detail} /> : <CallbackExchange detail={detail} />;
}

/** A call is not sealed: there is nothing to open beside it. */
function CallExchange({ detail: { request, answer, status } }: { detail: WireDetail }) {
  const texts = useTexts();
  return (
    <div className="decode">
      <Pane title={texts.request} copied={request.body}>
        <Head first={`${request.method} ${request.path}`} query={request.query} headers={request.headers} />
        <div>{request.body}</div>
      </Pane>
      <Pane title={texts.answer} copied={answer?.body}>
        <Head first={`HTTP ${status ?? ''}`} headers={answer?.headers ?? {}} />
        <div>{answer?.body}</div>
      </Pane>
    </div>
  );
}

function CallbackExchange({ detail: { request, answer, status } }: { detail: WireDetail }) {
  const texts = useTexts();
  const isSealed = request.decoded !== undefined && request.decoded !== request.body;
  const isAnswerSealed = answer?.decoded !== undefined && answer.decoded !== answer.body;
  return (
    <>
      <h3>{texts.request}</h3>
      <div className="decode">
        <Pane title={isSealed ? texts.rawSealed : texts.raw} isLocked={isSealed} copied={request.body}>
          <Head first={`${request.method} ${request.path}`} query={request.query} headers={request.headers} />
          <Xml text={request.body} />
        </Pane>
        <Pane title={isSealed ? texts.opened : texts.samePlain} copied={request.decoded}>
          {request.decoded === undefined ? <Query query={request.query} /> : <Xml text={request.decoded} />}
        </Pane>
      </div>
      <h3>{texts.answer}</h3>
      {answer ? (
        <div className="decode">
          <Pane title={isAnswerSealed ? texts.rawSealed : texts.raw} isLocked={isAnswerSealed} copied={answer.body}>
            <Head first={`HTTP ${status ?? ''}`} headers={answer.headers} />
            <Xml text={answer.body} />
            {answer.isCut && <i>{texts.cut}</i>}
          </Pane>
          <Pane title={isAnswerSealed ? texts.opened : texts.samePlain} copied={answer.decoded}>
            {answer.decoded === undefined ? <i>{texts.noDecoded}</i> : <Xml text={answer.decoded} />}
          </Pane>
        </div>
      ) : (
        <p className="no-answer">{texts.noAnswer}</p>
      )}
    </>
  );
}

function Pane({
  title,
  isLocked = false,
  copied,
  children,
}: {
  title: string;
  isLocked?: boolean;
  copied?: string | undefined;
  children: ReactNode;
}) {
  const texts = useTexts();
  const Icon = isLocked ? Lock : LockOpen;
  return (
    <section className="pane">
      <h4>
        <Icon className="icon" aria-hidden="true" />
        {title}
        {copied && <CopyButton text={copied} label={texts.copy(title)} doneLabel={texts.copied} />}
      </h4>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <pre tabIndex={0}>{children}</pre>
    </section>
  );
}

interface HeadProps {
  first: string;
  query?: Record<string, string>;
  headers: Record<string, string>;
}

/** Request line or status, then headers; each parameter of the query on a line of its own. */
function Head({ first, query = {}, headers }: HeadProps) {
  const [method, ...rest] = first.split(' ');
  return (
    <div className="http-head">
      <div>
        <i>{method}</i> {rest.join(' ')}
      </div>
      {Object.entries(query).map(([name, value], index) => (
        <div key={name}>
          <i>{`${index === 0 ? '?' : '&'}${name}=`}</i>
          {encodeURIComponent(value)}
        </div>
      ))}
      {Object.entries(headers).map(([name, value]) => (
        <div key={name}>
          <i>{name}:</i> {value}
        </div>
      ))}
    </div>
  );
}

function Query({ query }: { query: Record<string, string> }) {
  return Object.entries(query).map(([name, value]) => (
    <div key={name}>
      <i>{name}=</i>
      <em>{value}</em>
    </div>
  ));
}

function Xml({ text }: { text: string }) {
  if (!text.startsWith('<')) return <div>{text}</div>;
  return splitXml(text).map((line, lineIndex) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a message never change places.
    <div key={lineIndex}>
      {line.map(({ kind, text: words }, index) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: nor do its pieces.
        kind === 'markup' ? <i key={index}>{words}</i> : <em key={index}>{words}</em>,
      )}
    </div>
  ));
}

function Checks({ detail }: { detail: WireDetail }) {
  const texts = useTexts();
  return (
    <div className="judgement">
      <ol className="chips" aria-label={detail.direction === 'call' ? texts.checkedCall : texts.checked}>
        {detail.checks.map(({ name, passed }) => (
          <li key={name} className={passed ? 'chip' : 'chip failed'}>
            {passed ? <Check className="icon" aria-hidden="true" /> : <X className="icon" aria-hidden="true" />}
            {texts.checks[name]}
            <span className="sr">{passed ? texts.passed : texts.notPassed}</span>
            <ChevronRight className="icon next" aria-hidden="true" />
          </li>
        ))}
      </ol>
      <p className="why">
        <b>{texts.rules[detail.rule]}</b>
        {texts.rule(detail.section)}
        {detail.why && <span lang="en">{detail.why}</span>}
      </p>
    </div>
  );
}

/** The tries of this row's delivery, where there was more than one. */
function Tries({ row, onOpen }: { row: WireRow; onOpen: (id: string) => void }) {
  const { view } = useSandbox();
  const texts = useTexts();
  const tries = view.wire.rows.filter(({ deliveryId }) => deliveryId !== undefined && deliveryId === row.deliveryId).reverse();
  if (tries.length < 2) return null;
  return (
    <fieldset className="tries">
      <legend>{texts.tries}</legend>
      {tries.map((other) => (
        <button type="button" key={other.id} className="chip" aria-pressed={other.id === row.id} onClick={() => onOpen(other.id)}>
          {texts.attempt(other.attempt)} · {texts.rules[other.rule]}
        </button>
      ))}
    </fieldset>
  );
}
