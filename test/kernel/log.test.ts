import { describe, expect, it } from 'vitest';
import { asFault, fault } from '../../server/kernel/errors.ts';
import { createLog } from '../../server/kernel/log.ts';

function record() {
  const lines: string[] = [];
  return { lines, log: createLog('info', { write: (line: string) => void lines.push(line) }) };
}

describe('the log', () => {
  it('writes one JSON line an event, with the fields of its child', () => {
    const { lines, log } = record();
    log.child({ accountId: 'a1' }).info({ followerId: 'f1' }, 'follower.met');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', accountId: 'a1', followerId: 'f1', event: 'follower.met' });
  });

  it('does not let a secret through, at the top or one level down', () => {
    const { lines, log } = record();
    log.info({ token: 'T0KEN', account: { encodingAesKey: 'K3Y', phone: '13800000000' } }, 'account.connected');
    expect(lines.join()).not.toMatch(/T0KEN|K3Y|138/);
  });

  it('keeps the cause of an error', () => {
    const { lines, log } = record();
    log.error({ error: fault('server.unavailable', 'could not be stored', new Error('disk full')) }, 'request.failed');
    expect(lines.join()).toContain('disk full');
  });
});

describe('a fault', () => {
  it('that nobody foresaw is ours, is reported, and is not shown', () => {
    const { code, rule, cause } = asFault(new TypeError('secret detail'));
    expect({ code, status: rule.status, shown: rule.shown, reported: rule.reported }).toEqual({
      code: 'server.failed',
      status: 500,
      shown: false,
      reported: true,
    });
    expect(cause).toBeInstanceOf(TypeError);
  });

  it('stays what it is', () => {
    const original = fault('callback.too-old', 'sent 400 s ago');
    expect(asFault(original)).toBe(original);
  });
});
