import { type DestinationStream, pino } from 'pino';

/** One JSON line an event. The event is `noun.past-verb`; fields hold ids and figures, never bodies, tokens, keys or phone numbers. */
export interface Log {
  debug(fields: object, event: string): void;
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
  /** A log that adds these fields to each of its lines. */
  child(fields: object): Log;
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields that must not reach a log even by mistake. */
const secrets = ['token', 'secret', 'key', 'password', 'authorization', 'cookie', 'encodingAesKey', 'phone'];

/** A log at this level. Lines go to `destination`, or to standard output. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    messageKey: 'event',
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err },
    redact: { paths: [...secrets, ...secrets.map((name) => `*.${name}`)], censor: '[redacted]' },
  };
  return destination ? pino(options, destination) : pino(options);
}
