import { isNumeric, toNumber } from './bson.ts';
import { type Document, isDocument } from './document.ts';
import { commandError } from './errors.ts';
import type { Reply } from './wire.ts';

/** What shall go wrong with one command. */
export type Failure = {
  errorCode?: number;
  errorLabels?: string[];
  writeConcernError?: Document;
  /** Closes the connection before the command runs, or after it without an answer. */
  closes?: 'before' | 'after';
  blockMs?: number;
};

/** Faults by choice, as the drivers' specification tests set them: https://github.com/mongodb/mongo/wiki/The-"failCommand"-fail-point */
export type Failpoint = {
  configure(body: Document): Reply;
  /** The failure that this command is due; counts it. */
  failureOf(name: string, body: Document): Failure | undefined;
  /** As failureOf, for what befalls a write that is really executed; a retry answered from memory does not come here. */
  failureOfWrite(body: Document): Failure | undefined;
};

type Setting = { point: string; data: Document; skip: number; times: number };

export function createFailpoint(isAllowed: boolean): Failpoint {
  let setting: Setting | undefined;
  const isDue = (): boolean => {
    if (!setting) return false;
    if (setting.skip > 0) {
      setting.skip--;
      return false;
    }
    setting.times--;
    if (setting.times <= 0) setting = undefined;
    return true;
  };
  return {
    configure(body) {
      if (!isAllowed) throw commandError(59, "no such command: 'configureFailPoint'");
      setting = settingOf(body);
      return { ok: 1 };
    },
    failureOf(name, body) {
      const current = setting;
      if (current?.point !== 'failCommand' || name === 'configureFailPoint') return undefined;
      const { failCommands, appName } = current.data;
      if (!Array.isArray(failCommands) || !failCommands.includes(name)) return undefined;
      if (appName !== undefined && appName !== body.$appName) return undefined;
      return isDue() ? failureFrom(current.data) : undefined;
    },
    failureOfWrite(body) {
      const current = setting;
      if (current?.point !== 'onPrimaryTransactionalWrite' || body.txnNumber === undefined || body.autocommit === false)
        return undefined;
      if (!isDue()) return undefined;
      return { closes: current.data.failBeforeCommitExceptionCode === undefined ? 'after' : 'before' };
    },
  };
}

function settingOf(body: Document): Setting | undefined {
  const { mode } = body;
  const data = isDocument(body.data) ? body.data : {};
  const point = String(body.configureFailPoint);
  if (point !== 'failCommand' && point !== 'onPrimaryTransactionalWrite') throw commandError(9, `fail point not found: ${point}`);
  if (mode === 'off') return undefined;
  if (mode === 'alwaysOn') return { point, data, skip: 0, times: Infinity };
  if (!isDocument(mode)) throw commandError(9, 'mode must be off, alwaysOn, { times } or { skip }');
  const count = (name: string, otherwise: number) => (isNumeric(mode[name]) ? toNumber(mode[name]) : otherwise);
  return { point, data, skip: count('skip', 0), times: count('times', Infinity) };
}

function failureFrom(data: Document): Failure {
  const failure: Failure = {};
  if (data.closeConnection === true) failure.closes = 'before';
  if (isNumeric(data.errorCode)) failure.errorCode = toNumber(data.errorCode);
  if (Array.isArray(data.errorLabels)) failure.errorLabels = data.errorLabels.map(String);
  if (isDocument(data.writeConcernError)) failure.writeConcernError = data.writeConcernError;
  if (data.blockConnection === true && isNumeric(data.blockTimeMS)) failure.blockMs = toNumber(data.blockTimeMS);
  return failure;
}
