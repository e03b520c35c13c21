/** A stream of named server events that takes itself up again after a break, behind the last event that arrived. */
export interface LiveEvents {
  close(): void;
}

interface LiveEventsOptions<Events> {
  /** The address of the stream that continues behind the event with this id. */
  address: (after: string) => string;
  /** The id to start behind. */
  after: string;
  handlers: { [Name in keyof Events]: (data: Events[Name]) => void };
  onConnection: (isLive: boolean) => void;
}

/** Opens the stream. Breaks are mended here rather than by EventSource, which gives up for good on any answer but 200. */
export function openLiveEvents<Events>({ address, after, handlers, onConnection }: LiveEventsOptions<Events>): LiveEvents {
  let last = after;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let breaks = 0;

  function open() {
    clearTimeout(timer);
    source?.close();
    const opened = new EventSource(address(last));
    source = opened;
    opened.onopen = () => {
      breaks = 0;
      onConnection(true);
    };
    opened.onerror = () => {
      opened.close();
      onConnection(false);
      timer = setTimeout(open, Math.min(longestWait, firstWait * 2 ** breaks++));
    };
    for (const name of Object.keys(handlers) as (keyof Events & string)[]) {
      opened.addEventListener(name, (event: MessageEvent<string>) => {
        if (event.lastEventId) last = event.lastEventId;
        handlers[name](JSON.parse(event.data));
      });
    }
  }

  /** A phone that wakes up, or a network that is back, need not wait for the timer. */
  function openAtOnce() {
    if (source?.readyState === EventSource.CLOSED && document.visibilityState === 'visible') open();
  }

  open();
  addEventListener('online', openAtOnce);
  document.addEventListener('visibilitychange', openAtOnce);
  return {
    close() {
      clearTimeout(timer);
      source?.close();
      removeEventListener('online', openAtOnce);
      document.removeEventListener('visibilitychange', openAtOnce);
    },
  };
}

const firstWait = 500;
const longestWait = 4000;
